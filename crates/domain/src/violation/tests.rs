use super::*;

fn broken(code: ViolationCode) -> Broken {
    Broken::new(code, "must be otherwise")
}

#[test]
fn all_are_collected_in_order_and_the_first_of_a_member_stays() {
    let mut all = Violations::new();
    assert_eq!(all.take("a", Ok::<_, Broken>(1)), Some(1));
    assert_eq!(all.take_required::<u8, u8>("b", None, Ok), None);
    assert_eq!(all.take_optional::<u8, u8>("c", None, Ok), None);
    assert_eq!(
        all.take::<u8>("d", Err(broken(ViolationCode::TooLong))),
        None
    );
    let mut more = Violations::from(broken(ViolationCode::Reserved).at("d"));
    more.push(broken(ViolationCode::Reserved).at("e"));
    all.merge(more);
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.field.as_ref(), one.code))
        .collect();
    assert_eq!(
        told,
        [
            ("b", ViolationCode::Required),
            ("d", ViolationCode::TooLong),
            ("e", ViolationCode::Reserved),
        ]
    );
    assert!(all.names("d") && !all.names("a"));
    assert_eq!((&all).into_iter().count(), all.len());
    let again: Violations = all.clone().into_iter().chain(all.clone()).collect();
    assert_eq!(again, all);
    assert_eq!(all.clone().into_result(), Err(all));
    assert_eq!(Violations::new().into_result(), Ok(()));
}

#[test]
fn they_are_an_error_that_says_which_member_breaks_which_rule() {
    fn read() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut all = Violations::from(broken(ViolationCode::TooLong).at("name"));
        all.push(broken(ViolationCode::Required).at("email"));
        Ok(all.into_result()?)
    }
    let refused = read().expect_err("two rules are broken");
    assert_eq!(
        refused.to_string(),
        "name: must be otherwise (too_long); email: must be otherwise (required)"
    );
}
