//! What was acknowledged is kept: double sending, undo, drafts, several writers, kills, torn lines, full disks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::client::{Room, exchange, form};
use super::{a_run, journal};
use crate::support::program::proteus;

const HYPOTHESIS: &str = "H51ab0000";

/// A room with `anna` in it, and the address of her page about the first hypothesis.
fn room_with_anna(run: &Path, more: &[&str]) -> (Room, String) {
    let room = Room::open(run, more);
    let enter = format!("/runs/{}", run.file_name().unwrap().to_string_lossy());
    assert_eq!(room.post(&enter, &[("name", "anna")]).status, 303);
    (room, format!("{enter}/as/anna/h/{HYPOTHESIS}"))
}

fn events(run: &Path) -> Vec<String> {
    let entries = journal(run, "anna");
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(entry["seq"], place, "no gap, no repetition");
    }
    entries
        .iter()
        .map(|e| e["event"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_double_submit_is_one_review_and_other_words_are_another() {
    let (_parent, run) = a_run();
    let (room, page) = room_with_anna(&run, &[]);
    let first = [("action", "submit"), ("key", "k1"), ("novelty", "4")];
    for _ in 0..3 {
        assert_eq!(room.post(&page, &first).status, 303);
    }
    assert_eq!(events(&run), ["entered", "submitted"]);
    room.post(
        &page,
        &[("action", "submit"), ("key", "k1"), ("novelty", "5")],
    );
    assert_eq!(
        events(&run).len(),
        3,
        "a form that the browser kept, with other words"
    );
    room.post(&page, &first);
    assert_eq!(
        events(&run).len(),
        3,
        "a late copy of the first does not stand up again"
    );
}

#[test]
fn a_review_is_withdrawn_by_a_later_entry_and_the_one_before_stands_again() {
    let (_parent, run) = a_run();
    let (room, page) = room_with_anna(&run, &[]);
    room.post(
        &page,
        &[
            ("action", "submit"),
            ("novelty", "4"),
            ("comment", "first words"),
        ],
    );
    room.post(
        &page,
        &[
            ("action", "submit"),
            ("novelty", "1"),
            ("comment", "second words"),
        ],
    );
    for _ in 0..2 {
        let reply = room.post(&page, &[("action", "withdraw"), ("submission", "2")]);
        assert_eq!(reply.status, 303, "twice is as once");
    }
    assert_eq!(
        events(&run),
        ["entered", "submitted", "submitted", "withdrawn"]
    );
    let body = room.get(&page).body;
    assert!(
        body.contains("first words") && body.contains("second words"),
        "the whole history is shown"
    );
    let form = body.split("id=\"review\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    assert!(form.contains("first words") && !form.contains("second words"));
    let none = room.post(&page, &[("action", "withdraw"), ("submission", "99")]);
    assert_eq!(none.status, 422);
}

#[test]
fn drafts_survive_a_kill_and_end_with_the_review() {
    let (_parent, run) = a_run();
    let (room, page) = room_with_anna(&run, &[]);
    let kept = room.post_by_script(&page, &[("action", "draft"), ("comment", "half a thought")]);
    assert_eq!(kept.status, 200, "{}", kept.body);
    assert!(kept.body.contains("\"draft\":"), "{}", kept.body);
    room.kill();
    let (room, page) = room_with_anna(&run, &[]);
    assert!(room.get(&page).body.contains("half a thought"));
    room.post(&page, &[("action", "submit"), ("comment", "a whole one")]);
    let body = room.get(&page).body;
    assert!(!body.contains("half a thought") && body.contains("a whole one"));
    assert_eq!(
        events(&run),
        ["entered", "submitted"],
        "drafts are no entries"
    );
}

#[test]
fn two_rooms_and_many_writers_lose_nothing() {
    let (_parent, run) = a_run();
    let (first, page) = room_with_anna(&run, &[]);
    let second = Room::open(&run, &[]);
    let sent = 12;
    thread::scope(|scope| {
        for (number, room) in [&first, &second, &first, &second].into_iter().enumerate() {
            let page = &page;
            scope.spawn(move || {
                for k in 0..sent {
                    let comment = format!("writer {number} review {k}");
                    let reply = room.post(page, &[("action", "submit"), ("comment", &comment)]);
                    assert_eq!(reply.status, 303, "{}", reply.body);
                }
            });
        }
    });
    assert_eq!(events(&run).len(), 1 + 4 * sent);
    let mut comments: Vec<String> = journal(&run, "anna")[1..]
        .iter()
        .map(|e| e["review"]["comment"].as_str().unwrap().to_owned())
        .collect();
    comments.sort();
    comments.dedup();
    assert_eq!(comments.len(), 4 * sent);
}

#[test]
fn whatever_was_acknowledged_before_a_kill_is_there_after_it() {
    let (_parent, run) = a_run();
    let (room, page) = room_with_anna(&run, &[]);
    let (address, origin) = (room.address, format!("http://{}", room.address));
    let requests: Vec<String> = (0..400)
        .map(|k| {
            let body = form(&[("action", "submit"), ("comment", &format!("review {k}"))]);
            room.request("POST", &page, &[("Origin", &origin)], &body)
        })
        .collect();
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&acknowledged);
    let writer = thread::spawn(move || {
        for request in requests {
            match exchange(address, &request) {
                Ok(reply) if reply.status == 303 => counter.fetch_add(1, Ordering::SeqCst),
                _ => break,
            };
        }
    });
    while acknowledged.load(Ordering::SeqCst) < 10 {
        thread::yield_now();
    }
    room.kill();
    writer.join().unwrap();
    let acknowledged = acknowledged.load(Ordering::SeqCst);
    let (room, page) = room_with_anna(&run, &[]);
    room.post(
        &page,
        &[("action", "submit"), ("comment", "after the kill")],
    );
    let kept = events(&run).len() - 2;
    assert!(
        kept == acknowledged || kept == acknowledged + 1,
        "{kept} kept, {acknowledged} acknowledged, one may have been on its way"
    );
}

#[test]
fn a_torn_last_line_is_cut_off_and_damage_elsewhere_is_told() {
    let (_parent, run) = a_run();
    let (room, page) = room_with_anna(&run, &[]);
    room.post(&page, &[("action", "submit"), ("novelty", "4")]);
    let path = run.join("reviews/anna.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{whole}{{\"seq\":2,\"at\":\"20")).unwrap();
    let shown = room.get(&page);
    assert_eq!(shown.status, 200);
    room.post(&page, &[("action", "submit"), ("novelty", "5")]);
    assert_eq!(events(&run).len(), 3);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(&whole));

    let broken = whole.replacen("\"seq\":0", "\"seq\":7", 1);
    std::fs::write(&path, &broken).unwrap();
    let reply = room.post(&page, &[("action", "submit"), ("novelty", "1")]);
    assert_eq!(reply.status, 500);
    assert!(
        reply.body.contains("anna.jsonl") && reply.body.contains("line 1"),
        "{}",
        reply.body
    );
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        broken,
        "not touched"
    );

    let newer = whole.replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(&path, newer).unwrap();
    assert!(room.get(&page).body.contains("review format `2`"));
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_room_the_review_is_refused_and_nothing_is_half_written() {
    let (_parent, run) = a_run();
    room_with_anna(&run, &[]).0.kill();
    // A limit on the size of files stands in for a full disk: the write is cut off in the middle.
    let mut command = std::process::Command::new("sh");
    let program = proteus(&run);
    let line = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
    command
        .args(["-c", line, "sh"])
        .arg(program.get_program())
        .arg("review")
        .arg(&run)
        .arg("--quiet");
    let room = Room::start(command);
    let page = format!(
        "/runs/{}/as/anna/h/{HYPOTHESIS}",
        run.file_name().unwrap().to_string_lossy()
    );
    let text = "w".repeat(3_000);
    let mut kept = 0;
    let refused = loop {
        let comment = format!("{kept} {text}");
        let reply = room.post(&page, &[("action", "submit"), ("comment", &comment)]);
        if reply.status != 303 {
            break reply;
        }
        kept += 1;
        assert!(kept < 20, "the limit was never reached");
    };
    assert_eq!(refused.status, 507, "{}", refused.body);
    assert!(refused.body.contains("no space left"), "{}", refused.body);
    assert!(
        refused.body.contains(&text),
        "what was typed stays in the form"
    );
    let bytes = std::fs::read(run.join("reviews/anna.jsonl")).unwrap();
    assert_eq!(bytes.last(), Some(&b'\n'), "no half line is left");
    assert_eq!(events(&run).len(), 1 + kept);
    room.kill();
    let (room, page) = room_with_anna(&run, &[]);
    room.post(
        &page,
        &[("action", "submit"), ("comment", "there is room again")],
    );
    assert_eq!(events(&run).len(), 2 + kept);
}
