//! Who gets in, what is hidden, and what hostile texts do: nothing.

use super::client::{Room, exchange};
use super::{a_run, journal, without_reviews};

/// The name of a run's folder.
fn name(run: &std::path::Path) -> String {
    run.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn nobody_gets_in_without_the_secret() {
    let (_parent, run) = a_run();
    let room = Room::open(&run, &[]);
    let inside = format!("/runs/{}", name(&run));
    for path in ["/", &inside, "/assets/room.css", "/?token=", "/?token=0000"] {
        let reply = room.send("GET", path, &[("Cookie", "")], "");
        assert_eq!(reply.status, 403, "{path}");
        assert!(!reply.body.contains(&name(&run)), "{path}");
    }
    let wrong = room.cookie.replace(['0', '1', '2', '3'], "4");
    assert_eq!(room.send("GET", "/", &[("Cookie", &wrong)], "").status, 403);

    let entered = room.get(&format!("/?token={}", room.token));
    let cookie = entered.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(
        !cookie.contains(&room.token),
        "the cookie is another secret than the address"
    );
    let page = room.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&name(&run)));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn foreign_hosts_and_foreign_pages_are_refused() {
    let (_parent, run) = a_run();
    let room = Room::open(&run, &[]);
    let port = room.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "192.168.0.9".to_owned(),
    ] {
        assert_eq!(
            room.send("GET", "/", &[("Host", &host)], "").status,
            403,
            "{host}"
        );
    }
    let tunnel = room.send("GET", "/", &[("Host", "localhost:9999")], "");
    assert_eq!(tunnel.status, 200, "a tunnel may end at another port");
    let no_host = format!("GET / HTTP/1.0\r\nCookie: {}\r\n\r\n", room.cookie);
    assert_eq!(exchange(room.address, &no_host).unwrap().status, 403);

    let enter = format!("/runs/{}", name(&run));
    let here = format!("http://{}", room.address);
    for headers in [
        &[][..],
        &[("Origin", "null")],
        &[("Origin", "http://evil.example")],
        &[("Origin", "http://localhost:1")],
        &[("Origin", &here), ("Sec-Fetch-Site", "same-site")],
    ] {
        let reply = room.send("POST", &enter, headers, "name=anna");
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    assert!(!run.join("reviews").exists(), "nothing was written");
    assert_eq!(room.post(&enter, &[("name", "anna")]).status, 303);
    assert_eq!(journal(&run, "anna").len(), 1);
}

#[test]
fn no_address_leads_out_of_the_folder_of_runs() {
    let (parent, run) = a_run();
    std::fs::write(parent.path().join("secret.txt"), "run.yaml").unwrap();
    let room = Room::open(&run, &[]);
    let run = name(&run);
    for path in [
        "/runs/..".to_owned(),
        "/runs/%2e%2e".to_owned(),
        format!("/runs/..%2F{run}"),
        format!("/runs/{run}%2F"),
        "/runs/%2Fetc".to_owned(),
        "/runs/secret.txt".to_owned(),
        format!("/runs/{run}/as/..%2F..%2Fsecret"),
        format!("/runs/{run}/as/nobody/h/H51ab0000"),
        "/assets/..%2Flayout.html".to_owned(),
        "/assets/layout.html".to_owned(),
        "/no/such/page".to_owned(),
    ] {
        assert_eq!(room.get(&path).status, 404, "{path}");
    }
}

#[test]
fn oversized_and_overlong_texts_are_refused_and_nothing_is_kept() {
    let (_parent, run) = a_run();
    let room = Room::open(&run, &[]);
    room.post(&format!("/runs/{}", name(&run)), &[("name", "anna")]);
    let at = format!("/runs/{}/as/anna/h/H51ab0000", name(&run));
    let huge = "x".repeat(2 * 1024 * 1024);
    let reply = room.post(&at, &[("action", "submit"), ("comment", &huge)]);
    assert_eq!(reply.status, 413, "{}", reply.body);
    assert!(reply.body.contains("shorten"), "{}", reply.body);

    let long = "é".repeat(10_001);
    let reply = room.post(&at, &[("action", "submit"), ("comment", &long)]);
    assert_eq!(reply.status, 422);
    assert!(
        reply.body.contains("at most 10000 are kept"),
        "the rule is told"
    );
    assert!(
        reply.body.contains(&long),
        "what was typed stays in the form"
    );
    assert_eq!(journal(&run, "anna").len(), 1);

    let longest = "é".repeat(10_000);
    let reply = room.post(&at, &[("action", "submit"), ("comment", &longest)]);
    assert_eq!(reply.status, 303);
    assert_eq!(
        journal(&run, "anna")[1]["review"]["comment"],
        longest.as_str()
    );
    for (field, value) in [
        ("reliability", "9"),
        ("reliability", "x"),
        ("decision", "maybe"),
    ] {
        let reply = room.post(&at, &[("action", "submit"), (field, value)]);
        assert_eq!(reply.status, 422, "{field}={value}");
    }
    let empty = room.post(&at, &[("action", "submit")]);
    assert_eq!(empty.status, 422, "an empty review is none");
    assert_eq!(journal(&run, "anna").len(), 2);
}

#[test]
fn hostile_names_and_texts_stay_texts() {
    let (_parent, run) = a_run();
    let room = Room::open(&run, &[]);
    let enter = format!("/runs/{}", name(&run));
    let long = "n".repeat(10_000);
    for refused in ["", "  ", "a\u{202e}b", "a\u{0}b", &long] {
        let reply = room.post(&enter, &[("name", refused)]);
        assert_eq!(reply.status, 422, "{refused:?}");
    }
    let hostile = "<script>alert(1)</script>";
    let reply = room.post(&enter, &[("name", hostile)]);
    let at = reply.header("location").to_owned();
    assert!(
        at.starts_with(&format!("{enter}/as/script-alert-1-script-")),
        "{at}"
    );
    let formula = room.post(&enter, &[("name", "=cmd|' /C calc'!A0")]);
    let formula_at = formula.header("location").to_owned();
    let evil = "\"><img src=x onerror=alert(1)>\u{202e}{{ 7 * 7 }}\r\n=1+1";
    for at in [&at, &formula_at] {
        let fields = [
            ("action", "submit"),
            ("novelty", "4"),
            ("novelty_rationale", evil),
            ("comment", evil),
            ("proposed_statement", "=HYPERLINK(\"http://evil.example\")"),
            ("proposed_question", "שאלה <b>"),
        ];
        let reply = room.post(&format!("{at}/h/H51ab0000"), &fields);
        assert_eq!(reply.status, 303, "{}", reply.body);
    }
    for path in [
        "/".to_owned(),
        enter.clone(),
        at.clone(),
        format!("{at}?text=%3Cscript%3Ealert(2)&show=%22%3E%3Cscript%3E"),
        format!("{at}/h/H51ab0000"),
        format!("{formula_at}/h/H51ab0000"),
        format!("{at}/agreement"),
    ] {
        let page = room.get(&path);
        assert_eq!(page.status, 200, "{path}");
        let lower = page.body.to_lowercase();
        for raw in ["<script>alert", "<img src=x", "onerror=alert(1)>\u{202e}"] {
            assert!(!lower.contains(raw), "{path} holds {raw}");
        }
        assert!(
            !page.body.contains("{{ 49 }}") && !page.body.contains(">49<"),
            "{path}"
        );
    }
    let page = room.get(&format!("{formula_at}/h/H51ab0000")).body;
    let shown = page.split("What others say").nth(1).unwrap();
    let shown = shown.split("form-side").next().unwrap();
    assert!(
        shown.contains("&lt;img src=x") && !shown.contains('\u{202e}'),
        "shown as it is, turned by nothing"
    );
    let sheet = room.get(&format!("{at}/scores.csv"));
    assert!(
        sheet
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert!(sheet.body.contains("'=HYPERLINK"));
    assert!(sheet.body.contains("'=cmd|"));
    assert!(
        !sheet.body.contains(",=") && !sheet.body.contains(",\"="),
        "{}",
        sheet.body
    );
}

#[test]
fn grades_and_scores_are_hidden_until_the_own_review_is_in() {
    let (_parent, run) = a_run();
    let before = without_reviews(&run);
    let room = Room::open(&run, &[]);
    let enter = format!("/runs/{}", name(&run));
    room.post(&enter, &[("name", "anna")]);
    room.post(
        &format!("{enter}/as/anna/h/H51ab0000"),
        &[
            ("action", "submit"),
            ("novelty", "2"),
            ("comment", "seen before"),
        ],
    );
    room.post(&enter, &[("name", "bert"), ("blinded", "yes")]);
    let list = format!("{enter}/as/bert");
    let page = format!("{list}/h/H51ab0000");
    for path in [&list, &page] {
        let body = room.get(path).body;
        for word in [
            "supported",
            "suggestive",
            "exploratory",
            "seen before",
            "q at the floor",
            "class=\"rank\"",
        ] {
            assert!(!body.contains(word), "{path} tells {word}");
        }
        assert!(body.contains("RAD23B"), "{path}");
    }
    let cells = room.get(&page).body;
    assert!(
        cells.contains("logFC") && cells.contains("proteinGroups"),
        "evidence stays down to the cells"
    );
    assert_eq!(room.get(&format!("{list}/agreement")).status, 403);
    let sheet = room.get(&format!("{list}/scores.csv")).body;
    assert!(!sheet.contains("seen before"), "{sheet}");
    let filtered = room.get(&format!("{list}?grade=supported")).body;
    assert!(
        filtered.contains("Nothing fits"),
        "no filter by what is hidden"
    );

    let kept = room.post(&page, &[("action", "submit"), ("novelty", "5")]);
    assert_eq!(kept.status, 303);
    let body = room.get(&page).body;
    assert!(
        body.contains("supported") && body.contains("seen before"),
        "{body}"
    );
    room.post(&page, &[("action", "submit"), ("novelty", "2")]);
    let entries = journal(&run, "bert");
    assert_eq!(entries[1]["blinded"], true);
    assert_eq!(entries[2]["blinded"], false, "seen by now");
    assert!(entries[1]["hypothesis"]["id"] == "H51ab0000");
    let other = room.get(&format!("{list}/h/H51ab0001")).body;
    assert!(
        !other.contains("suggestive") && !other.contains("supported"),
        "the others stay hidden"
    );

    room.post(&list, &[("action", "unblind")]);
    assert!(room.get(&list).body.contains("suggestive"));
    assert_eq!(
        without_reviews(&run),
        before,
        "nothing but reviews was written"
    );
}

#[test]
fn a_blinded_room_hides_from_all_and_shuffles_for_each() {
    let (_parent, run) = a_run();
    let order = |room: &Room, who: &str| -> Vec<String> {
        let enter = format!("/runs/{}", name(&run));
        room.post(&enter, &[("name", who)]);
        let body = room.get(&format!("{enter}/as/{who}")).body;
        assert!(!body.contains("supported"), "{who}");
        let ids = body.split("/h/H51ab").skip(1);
        let mut ids: Vec<String> = ids.map(|rest| rest[..4].to_owned()).collect();
        ids.remove(0); // "Next to review" stands above the list.
        ids
    };
    let room = Room::open(&run, &["--blinded"]);
    let (anna, bert) = (order(&room, "anna"), order(&room, "bert"));
    assert_eq!(anna.len(), bert.len());
    assert!(anna.len() > 5);
    assert_ne!(anna, bert);
    room.kill();
    let again = Room::open(&run, &["--blinded"]);
    assert_eq!(
        order(&again, "anna"),
        anna,
        "stable over reloads and restarts"
    );
}

#[test]
fn the_list_is_filtered_by_grade_text_and_state() {
    let (_parent, run) = a_run();
    let room = Room::open(&run, &[]);
    let enter = format!("/runs/{}", name(&run));
    room.post(&enter, &[("name", "anna")]);
    let list = format!("{enter}/as/anna");
    room.post(
        &format!("{list}/h/H51ab0001"),
        &[("action", "submit"), ("novelty", "2"), ("flag", "yes")],
    );
    room.post(
        &format!("{list}/h/H51ab0002"),
        &[("action", "draft"), ("novelty", "3")],
    );
    let shown = |query: &str| -> usize {
        let body = room.get(&format!("{list}{query}")).body;
        body.matches("<p class=\"statement\">").count()
    };
    let all = shown("");
    assert_eq!(shown("?show=mine"), 1);
    assert_eq!(shown("?show=open"), all - 1);
    assert_eq!(shown("?show=draft"), 1);
    assert_eq!(shown("?show=flagged"), 1);
    assert_eq!(shown("?text=rad23b"), 1);
    assert_eq!(shown("?text=nothing-like-it"), 0);
    let by_grade: usize = ["supported", "suggestive", "exploratory", "contradicted"]
        .iter()
        .map(|grade| shown(&format!("?grade={grade}")))
        .sum();
    assert_eq!(by_grade, all);
}
