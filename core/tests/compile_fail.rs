//! The gate is a type: code that goes around it does not compile.

#[test]
fn no_way_around_the_gate_compiles() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
