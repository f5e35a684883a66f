//! `GET /api/v1/auth/settings`

use serde_json::json;
use userhub_api::ApiSettings;
use userhub_domain::policy::{Policy, RequiredMember, Verification};

use crate::{backend::on_every_store, test_app::TestApp};

const SETTINGS: &str = "/api/v1/auth/settings";

async fn a_sign_up_form_learns_the_rules(app: TestApp) {
    let expected = json!({
        "registration": {"mode": "open", "verification": "off", "hide_existence": false, "required": []},
        "passwords": {"min_length": 8, "max_bytes": 1024, "min_score": 3},
    });
    let client = app.anonymous();
    assert_eq!(client.get(SETTINGS).await.succeeded(200), expected);
    // Public: whoever calls is not even looked at.
    let answer = app.with_token("nonsense").get(SETTINGS).await;
    assert_eq!(answer.succeeded(200), expected);
}

on_every_store!(a_sign_up_form_learns_the_rules);

#[tokio::test]
async fn what_a_deployment_chose_is_told() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    policy.registration.verification = Verification::Required;
    policy.registration.required = [RequiredMember::LastName].into();
    policy.passwords.min_length = 4;
    policy.passwords.min_score = 0;
    let app = TestApp::with(ApiSettings::default(), policy).await;
    let settings = app.anonymous().get(SETTINGS).await.succeeded(200);
    let expected = json!({
        "registration": {
            "mode": "closed", "verification": "required", "hide_existence": true,
            "required": ["email", "last_name"],
        },
        "passwords": {"min_length": 8, "max_bytes": 1024, "min_score": 0},
    });
    assert_eq!(settings, expected);
}
