// Weighted kNN (Wu et al. 2018): the class of each query by its 20 nearest bank samples, which vote with exp(cos/t). The twin is
// metrics/knn.rs: equal neighbours by index, equal classes by number.
//
// Dispatch: ceil(queries / 64) workgroups of 64 invocations, one a query.
// Twin: src/metrics/knn.rs.

struct Dims {
    bank: u32,
    queries: u32,
}

const K: u32 = 20u;

@group(0) @binding(0) var<uniform> dims: Dims;
// cos/t, [bank, queries].
@group(0) @binding(1) var<storage, read> similarity: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> classes: array<u32>;

// The nearest so far, nearest first.
var<private> nearest: array<f32, K>;
var<private> found: array<u32, K>;

fn insert(value: f32, index: u32, count: u32) {
    var at = min(count, K - 1u);
    while (at > 0u && nearest[at - 1u] < value) {
        nearest[at] = nearest[at - 1u];
        found[at] = found[at - 1u];
        at -= 1u;
    }
    nearest[at] = value;
    found[at] = index;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let query = id.x;
    if (query >= dims.queries) {
        return;
    }
    var count = 0u;
    for (var index = 0u; index < dims.bank; index++) {
        let value = similarity[index * dims.queries + query];
        if (count < K || value > nearest[K - 1u]) {
            insert(value, index, count);
            count = min(count + 1u, K);
        }
    }
    var best = 0u;
    var most = 0.0;
    for (var i = 0u; i < count; i++) {
        let class_of = labels[found[i]];
        var votes = 0.0;
        for (var j = 0u; j < count; j++) {
            // Against the nearest one's vote, so that nothing overflows.
            votes += select(0.0, exp(nearest[j] - nearest[0]), labels[found[j]] == class_of);
        }
        if (votes > most || (votes == most && class_of < best)) {
            most = votes;
            best = class_of;
        }
    }
    classes[query] = best;
}
