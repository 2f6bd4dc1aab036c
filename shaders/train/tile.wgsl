// A matrix product in register tiles, C = A B: what A and B are, and what happens to C, is said by the file put before it
// (linear.wgsl, conv.wgsl, ...) in its functions row, column, start, next, first, last, a_at, b_at and store.
//
// Each invocation makes 4x4 values of C from registers alone: no workgroup memory and no barriers, which software adapters
// are slow at and small products gain little from. Rows and columns of an invocation are 8 apart, so that neighbours read
// neighbouring values of B. The third dimension of the grid is what the file makes of it: a slice of the sum, a parity.

@compute @workgroup_size(8, 8, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let z = group.z;
    let m = group.y * 32u + local.y;
    let n = group.x * 32u + local.x;
    let row0 = row(m, z);
    let row1 = row(m + 8u, z);
    let row2 = row(m + 16u, z);
    let row3 = row(m + 24u, z);
    let col0 = column(n);
    let col1 = column(n + 8u);
    let col2 = column(n + 16u);
    let col3 = column(n + 24u);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var k = first(z);
    let end = last(z);
    var tap = start(k, z);
    loop {
        if (k >= end) {
            break;
        }
        let b = vec4<f32>(b_at(tap, col0), b_at(tap, col1), b_at(tap, col2), b_at(tap, col3));
        c0 += a_at(row0, tap) * b;
        c1 += a_at(row1, tap) * b;
        c2 += a_at(row2, tap) * b;
        c3 += a_at(row3, tap) * b;
        k += 1u;
        tap = next(tap, z);
    }
    store_row(m, n, c0, z);
    store_row(m + 8u, n, c1, z);
    store_row(m + 16u, n, c2, z);
    store_row(m + 24u, n, c3, z);
}

fn store_row(m: u32, n: u32, c: vec4<f32>, z: u32) {
    store(m, n, c.x, z);
    store(m, n + 8u, c.y, z);
    store(m, n + 16u, c.z, z);
    store(m, n + 24u, c.w, z);
}
