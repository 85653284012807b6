//! `cargo run -p tests --bin side_by_side`: the comparison of tests/benchmarks/side_by_side, from nothing to RESULT.md.

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!("{}", tests::side_by_side::run().await);
}
