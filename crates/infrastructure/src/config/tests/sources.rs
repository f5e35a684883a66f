//! Where settings come from, and what is wrong with them told at once.

use super::*;

#[test]
fn the_link_at_the_root_is_the_file_that_is_compiled_in() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/default.toml");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/config/default.toml");
    assert_eq!(
        std::fs::read_to_string(root).unwrap(),
        std::fs::read_to_string(own).unwrap()
    );
}

#[test]
fn the_example_names_settings_that_exist() {
    let text = include_str!("../../../../../.env.example");
    let folder = tempfile::tempdir().unwrap();
    let all: String = text
        .lines()
        .map(|line| {
            let line = line
                .strip_prefix('#')
                .filter(|rest| {
                    rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.contains('=')
                })
                .unwrap_or(line);
            format!("{line}\n")
        })
        .collect();
    let options = LoadOptions {
        dotenv_file: Some(file(&folder, ".env", &all)),
        ..LoadOptions::default()
    };
    let errors = Settings::load(&options).expect_err("the files of secrets are missing");
    assert!(
        errors
            .lines()
            .iter()
            .all(|line| !line.contains("no such setting")),
        "{errors}"
    );
    assert!(all.contains("\nUSERHUB__SERVER__HOST="));
}

#[test]
fn stronger_sources_win() {
    let folder = tempfile::tempdir().unwrap();
    let config_file = file(
        &folder,
        "userhub.toml",
        "[server]\nport = 1\nhost = \"::1\"\n[tokens]\nissuer = \"file\"\naudience = \"file\"\n",
    );
    let dotenv_file = file(
        &folder,
        ".env",
        "OTHER=1\nexport USERHUB__SERVER__PORT=2 # why\nUSERHUB__TOKENS__ISSUER='dot env'\nRUST_LOG=warn\n",
    );
    let options = LoadOptions {
        config_file: Some(config_file),
        dotenv_file: Some(dotenv_file),
        ..variables(&[
            ("PORT", "3"),
            ("PATH", "/bin"),
            ("USERHUB_SERVICE_HOST", "10.0.0.1"),
        ])
    };
    let settings = Settings::load(&options).unwrap();
    assert_eq!(
        (settings.server.host.as_str(), settings.server.port),
        ("::1", 3)
    );
    assert_eq!(
        (
            settings.tokens.issuer.as_str(),
            settings.tokens.audience.as_str()
        ),
        ("dot env", "file")
    );
    assert_eq!(settings.log.filter.as_deref(), Some("warn"));
}

#[test]
fn lists_are_written_with_commas_or_as_lists() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[server]\ncors_origins = [\"https://a.example\", \"https://b.example\"]\n[registration]\nrequired = \"email\"\n";
    let options = LoadOptions {
        config_file: Some(file(&folder, "a.toml", text)),
        ..variables(&[(
            "USERHUB__SERVER__TRUSTED_PROXIES",
            "10.1.2.3/8, 192.0.2.7,2001:db8::/32",
        )])
    };
    let settings = Settings::load(&options).unwrap();
    assert_eq!(
        settings.server.cors_origins,
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(settings.registration.required, [RequiredMember::Email]);
    let networks: Vec<String> = settings
        .server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(networks, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]);
}

#[test]
fn unknown_names_are_refused_wherever_they_stand() {
    for name in [
        "USERHUB__SERVER__PROT",
        "USERHUB__SERVER",
        "USERHUB__PORT",
        "userhub__server__port",
        "USERHUB__SERVER__PORT_FILE",
    ] {
        refused(name, &[(name, "1")]);
    }
    let folder = tempfile::tempdir().unwrap();
    let options = LoadOptions {
        config_file: Some(file(
            &folder,
            "a.toml",
            "colour = 1\n[server]\nprot = 1\n[database.url]\nhost = \"h\"\n",
        )),
        dotenv_file: Some(file(&folder, ".env", "USERHUB__NO__SUCH=1\n")),
        ..LoadOptions::default()
    };
    let errors = Settings::load(&options).unwrap_err();
    for name in [
        "colour in",
        "server.prot in",
        "database.url.host in",
        "USERHUB__NO__SUCH",
    ] {
        assert!(
            errors.lines().iter().any(|line| line.starts_with(name)),
            "{name}: {errors}"
        );
    }
    assert_eq!(errors.lines().len(), 4, "{errors}");
}

#[test]
fn all_errors_come_at_once_one_line_each() {
    let pairs = [
        ("DATABASE_URL", "mysql://root:hunter2@h/d"),
        ("PORT", "70000"),
        ("USERHUB__ENVIRONMENT", "staging"),
        ("USERHUB__SERVER__CORS_ORIGINS", "*"),
        ("USERHUB__TOKENS__ALGORITHM", "none"),
        ("USERHUB__TOKENS__REFRESH_TTL", "7"),
        ("USERHUB__REGISTRATION__REQUIRED", "shoe_size"),
        ("USERHUB__PASSWORDS__MIN_LENGTH", "7"),
        ("USERHUB__PASSWORDS__MIN_SCORE", "5"),
        ("USERHUB__DATABASE__AUTO_MIGRATE", "maybe"),
        ("USERHUB__LOG__FORMAT", "xml"),
        ("RUST_LOG", "userhub=loud"),
        ("USERHUB__MAIL__SMTP_URL", "http://hunter2@h"),
        ("USERHUB__SECRETS__ENCRYPTION_KEY", "hunter2"),
        ("USERHUB__RETENTION__AUDIT", "-1d"),
        ("USERHUB__SERVER__TRUSTED_PROXIES", "10.0.0.0/33"),
        ("USERHUB__SERVER__HOST", "127.0.0.1:80"),
        ("USERHUB__NOTHING", "a\nb"),
        ("USERHUB__SERVER__PUBLIC_URL", "users"),
        ("USERHUB__MAIL__LINKS__VERIFY_EMAIL", "javascript:alert(1)"),
    ];
    let all = errors(&pairs);
    for (name, _) in pairs {
        assert_eq!(
            all.iter()
                .filter(|line| line.starts_with(&format!("{name}: ")))
                .count(),
            1,
            "{name}: {all:?}"
        );
    }
    assert_eq!(all.len(), pairs.len(), "{all:?}");
    let text = SettingsErrors::new(all.clone()).to_string();
    assert_eq!(text.lines().count(), pairs.len());
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_name_cannot_forge_a_line() {
    let all = errors(&[("USERHUB__A\n\u{1b}[2J", "1")]);
    assert!(!all[0].contains(['\n', '\u{1b}']), "{all:?}");
}

#[test]
fn secrets_come_from_files_without_their_last_line_break() {
    let folder = tempfile::tempdir().unwrap();
    let secret = file(&folder, "secret", &format!("{SECRET}\r\n"));
    let url = file(&folder, "url", "postgres://u:hunter2@h/d\n");
    let (secret, url) = (secret.to_str().unwrap(), url.to_str().unwrap());
    let settings = load(&[
        ("USERHUB__TOKENS__ALGORITHM", "HS256"),
        ("USERHUB__TOKENS__SECRET_FILE", secret),
        ("DATABASE_URL_FILE", url),
    ]);
    assert_eq!(settings.tokens.secret.unwrap().expose_secret(), SECRET);
    assert_eq!(settings.database.display_url(), "postgres://h/d");
    assert_eq!(
        load(&[("USERHUB__DATABASE__URL_FILE", url)])
            .database
            .backend,
        DatabaseBackend::Postgres
    );
    let text = format!("[database]\nurl_file = \"{url}\"\n");
    let options = LoadOptions {
        config_file: Some(file(&folder, "a.toml", &text)),
        ..LoadOptions::default()
    };
    assert_eq!(
        Settings::load(&options).unwrap().database.backend,
        DatabaseBackend::Postgres
    );

    refused(
        "DATABASE_URL_FILE",
        &[("DATABASE_URL_FILE", "/nonexistent/url")],
    );
    let empty = file(&folder, "empty", "\n");
    refused(
        "DATABASE_URL_FILE",
        &[("DATABASE_URL_FILE", empty.to_str().unwrap())],
    );
    let lines = errors(&[
        ("DATABASE_URL_FILE", url),
        ("DATABASE_URL", "sqlite://a.db"),
    ]);
    assert_eq!(
        lines,
        ["DATABASE_URL and DATABASE_URL_FILE: contradict each other; set only one"]
    );
}

#[test]
fn files_that_cannot_be_read_are_told_without_their_content() {
    let folder = tempfile::tempdir().unwrap();
    let broken = file(&folder, "a.toml", "[tokens]\nsecret = \"hunter2\n");
    let dotenv = file(&folder, ".env", "PORT=1\nhunter2 without a name\n");
    let options = LoadOptions {
        config_file: Some(broken),
        dotenv_file: Some(dotenv),
        ..LoadOptions::default()
    };
    let errors = Settings::load(&options).unwrap_err();
    assert!(errors.lines()[0].contains("line 2"), "{errors}");
    assert!(
        errors.lines()[1].contains(", line 2: must have the form"),
        "{errors}"
    );
    assert!(!errors.to_string().contains("hunter2"), "{errors}");
    let options = LoadOptions {
        config_file: Some(folder.path().join("missing.toml")),
        ..LoadOptions::default()
    };
    assert!(
        Settings::load(&options)
            .unwrap_err()
            .to_string()
            .starts_with("--config: cannot read ")
    );
    let options = LoadOptions {
        dotenv_file: Some(folder.path().join("missing")),
        ..LoadOptions::default()
    };
    assert!(Settings::load(&options).is_ok());
}
