// A matrix product in register tiles, C = A B: what A and B are, and what becomes of C, is said by the file put before it
// (linear.wgsl, conv.wgsl, ...):
//   first_tap, taps, tap_at    the sum runs over taps, and within each
//   first, last   from the first to the last k
//   row, place    what of a row of A is worked out once, and once for each tap
//   column        where a column of B begins for a tap
//   a_step, b_step, a_at, b_at    the values of step k are k a_step and k b_step further
//   store, store_sum     where C goes, and (with SUMS) the sums of B's columns
//
// Each invocation makes 4x4 values of C from registers alone: no workgroup memory and no barriers, which software adapters
// are slow at and small products gain little from. Rows of an invocation are Y apart and its columns X, so that neighbours
// read neighbouring values of B. The third dimension of the grid is what the file makes of it: a slice of the sum, a parity.

@compute @workgroup_size(X, Y, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let z = group.z;
    let m = group.y * 4u * Y + local.y;
    let n = group.x * 4u * X + local.x;
    let row0 = row(m, z);
    let row1 = row(m + Y, z);
    let row2 = row(m + 2u * Y, z);
    let row3 = row(m + 3u * Y, z);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var sums = vec4<f32>();
    let tap_end = taps(z);
    let a_stride = a_step();
    let b_stride = b_step();
    let begin = first(z);
    let end = last(z) * a_stride;
    for (var number = first_tap(z); number < tap_end; number++) {
        let tap = tap_at(number, z);
        let place0 = place(row0, tap, z);
        let place1 = place(row1, tap, z);
        let place2 = place(row2, tap, z);
        let place3 = place(row3, tap, z);
        let column0 = column(n, tap, z);
        let column1 = column(n + X, tap, z);
        let column2 = column(n + 2u * X, tap, z);
        let column3 = column(n + 3u * X, tap, z);
        var at = begin * b_stride;
        // Nothing is left to the compiler that it might not do: a software adapter's doesn't. Two steps a turn.
        var k = begin * a_stride;
        for (; k + a_stride < end; k += 2u * a_stride) {
            let b = vec4<f32>(b_at(column0 + at), b_at(column1 + at), b_at(column2 + at), b_at(column3 + at));
            at += b_stride;
            let d = vec4<f32>(b_at(column0 + at), b_at(column1 + at), b_at(column2 + at), b_at(column3 + at));
            at += b_stride;
            let next = k + a_stride;
            c0 += a_at(place0, k) * b + a_at(place0, next) * d;
            c1 += a_at(place1, k) * b + a_at(place1, next) * d;
            c2 += a_at(place2, k) * b + a_at(place2, next) * d;
            c3 += a_at(place3, k) * b + a_at(place3, next) * d;
            if (SUMS) {
                sums += b + d;
            }
        }
        if (k < end) {
            let b = vec4<f32>(b_at(column0 + at), b_at(column1 + at), b_at(column2 + at), b_at(column3 + at));
            c0 += a_at(place0, k) * b;
            c1 += a_at(place1, k) * b;
            c2 += a_at(place2, k) * b;
            c3 += a_at(place3, k) * b;
            if (SUMS) {
                sums += b;
            }
        }
    }
    store_row(m, n, c0, z);
    store_row(m + Y, n, c1, z);
    store_row(m + 2u * Y, n, c2, z);
    store_row(m + 3u * Y, n, c3, z);
    if (SUMS && m == 0u) {
        store_sum(n, sums.x, z);
        store_sum(n + X, sums.y, z);
        store_sum(n + 2u * X, sums.z, z);
        store_sum(n + 3u * X, sums.w, z);
    }
}

fn store_row(m: u32, n: u32, c: vec4<f32>, z: u32) {
    store(m, n, c.x, z);
    store(m, n + X, c.y, z);
    store(m, n + 2u * X, c.z, z);
    store(m, n + 3u * X, c.w, z);
}
