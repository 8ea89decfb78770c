// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "tixian/sql/migration.hpp"

namespace tixian::sqlite {

/// The schema, one text for each version, run in order and never changed once released. Constraints repeat
/// the invariants, so that even a wrong program cannot break them; they hold no policy numbers. Money is fen,
/// times are milliseconds since 1970. `{name}` is the table's name with its prefix.
inline constexpr std::array schema_versions = std::to_array<std::string_view>({
    R"sql(
CREATE TABLE {ledger_schema} (
    version  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE {withdraw_records} (
    withdraw_id          TEXT PRIMARY KEY,
    user_id              TEXT NOT NULL,
    idempotency_key      TEXT NOT NULL,
    amount               INTEGER NOT NULL CHECK (amount > 0),
    fee                  INTEGER NOT NULL CHECK (fee >= 0),
    free_amount          INTEGER NOT NULL CHECK (free_amount BETWEEN 0 AND amount),
    terms                TEXT NOT NULL,
    counted_on           TEXT,
    channel              TEXT NOT NULL,
    wechat_openid        TEXT NOT NULL,
    remark               TEXT NOT NULL,
    real_name_fingerprint TEXT,
    created_at           INTEGER NOT NULL,
    state                TEXT NOT NULL,
    status               TEXT NOT NULL,
    version              INTEGER NOT NULL CHECK (version > 0),
    real_name_sealed     TEXT,
    wechat_api           TEXT,
    wechat_mchid         TEXT,
    wechat_appid         TEXT,
    wechat_batch_id      TEXT,
    wechat_detail_id     TEXT,
    request_body         TEXT,
    request_key_serial   TEXT,
    attempts             INTEGER NOT NULL CHECK (attempts >= 0),
    first_submit_at      INTEGER NOT NULL,
    signed_at            INTEGER NOT NULL,
    send_by              INTEGER NOT NULL,
    submit_call          INTEGER NOT NULL,
    submit_answer        TEXT NOT NULL CHECK (submit_answer IN ('none', 'in_doubt', 'refused')),
    earlier_doubt_until  INTEGER NOT NULL,
    bill_seen            INTEGER NOT NULL CHECK (bill_seen IN (0, 1)),
    number_taken         INTEGER NOT NULL CHECK (number_taken IN (0, 1)),
    wechat_state         TEXT,
    wechat_raw_state     TEXT,
    transfer_bill_no     TEXT,
    package_info         TEXT,
    waiting              TEXT,
    refused              INTEGER NOT NULL CHECK (refused IN (0, 1)),
    refused_for_content  INTEGER NOT NULL CHECK (refused_for_content IN (0, 1)),
    refused_at           INTEGER NOT NULL,
    absence_at           INTEGER,
    parked               INTEGER NOT NULL CHECK (parked IN (0, 1)),
    waits_for_person     INTEGER NOT NULL,
    raised               INTEGER NOT NULL,
    released_by          TEXT NOT NULL,
    watches_left         INTEGER NOT NULL,
    next_call            TEXT NOT NULL CHECK (next_call IN ('submit', 'query', 'cancel')),
    due_queue            TEXT NOT NULL,
    due_at               INTEGER,
    lease_until          INTEGER NOT NULL,
    calls                INTEGER NOT NULL,
    retries              INTEGER NOT NULL,
    error_code           TEXT,
    error_message        TEXT,
    updated_at           INTEGER NOT NULL,
    completed_at         INTEGER,
    UNIQUE (user_id, idempotency_key),
    CHECK (status IS CASE state WHEN 'in_review' THEN 'pending' WHEN 'held' THEN 'pending'
        WHEN 'submitting' THEN 'processing' WHEN 'live' THEN 'processing' WHEN 'cancelling' THEN 'processing'
        WHEN 'succeeded' THEN 'success' WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'cancelled' END),
    CHECK ((completed_at IS NOT NULL) = (status IN ('success', 'failed', 'cancelled'))),
    CHECK (real_name_sealed IS NULL OR (completed_at IS NULL AND real_name_fingerprint IS NOT NULL)),
    CHECK (due_at IS NOT NULL OR completed_at IS NOT NULL OR parked = 1 OR state = 'in_review'),
    CHECK (attempts = 0 OR (wechat_api IS NOT NULL AND request_body IS NOT NULL)),
    CHECK (state NOT IN ('in_review', 'held') OR attempts = 0),
    CHECK ((released_by <> 'none') = (state IN ('failed', 'cancelled'))),
    CHECK (released_by IN ('none', 'reported', 'never_submitted', 'absence', 'fast_absence', 'person')),
    CHECK (released_by <> 'never_submitted' OR attempts = 0),
    CHECK (waits_for_person = (parked = 1 OR state = 'in_review')),
    CHECK (due_queue = CASE state WHEN 'held' THEN 'held' ELSE next_call END)
) STRICT;

CREATE INDEX {_withdraw_records_due} ON {withdraw_records} (channel, due_queue, due_at, withdraw_id)
    WHERE due_at IS NOT NULL;

CREATE INDEX {_withdraw_records_history} ON {withdraw_records} (user_id, created_at, withdraw_id);

CREATE INDEX {_withdraw_records_waiting} ON {withdraw_records} (created_at, withdraw_id)
    WHERE waits_for_person = 1;

-- One row for each committed change: the history of a withdrawal, and what makes a commit in doubt safe to repeat.
CREATE TABLE {withdraw_changes} (
    change_id    TEXT PRIMARY KEY,
    withdraw_id  TEXT,
    version      INTEGER,
    event        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    UNIQUE (withdraw_id, version)
) STRICT, WITHOUT ROWID;

-- What is raised (operator is NULL) stands once for each kind, what a person did once for each version.
CREATE TABLE {withdraw_notes} (
    withdraw_id  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    line         INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    operator     TEXT,
    text         TEXT NOT NULL,
    PRIMARY KEY (withdraw_id, version, kind)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX {_withdraw_notes_raised_once} ON {withdraw_notes} (withdraw_id, kind) WHERE operator IS NULL;

CREATE INDEX {_withdraw_notes_kind} ON {withdraw_notes} (kind, at);

-- What withdrawals that have neither failed nor been cancelled count against the limits.
CREATE TABLE {withdraw_usage} (
    counter  TEXT PRIMARY KEY,
    amount   INTEGER NOT NULL CHECK (amount >= 0),
    count    INTEGER NOT NULL CHECK (count >= 0)
) STRICT, WITHOUT ROWID;

-- Every channel that was ever used, and whether its switch is on.
CREATE TABLE {channels} (
    channel  TEXT PRIMARY KEY,
    is_open  INTEGER NOT NULL CHECK (is_open IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Every act on a channel's switch.
CREATE TABLE {channel_switches} (
    number     INTEGER PRIMARY KEY,
    channel    TEXT NOT NULL,
    is_open    INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    operator   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    change_id  TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;

CREATE INDEX {_channel_switches_last} ON {channel_switches} (channel, number);

CREATE TABLE {accounts} (
    account  TEXT PRIMARY KEY,
    balance  INTEGER NOT NULL CHECK (account NOT LIKE 'user:%' OR balance >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE {journal} (
    change_id  TEXT NOT NULL,
    line       INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('hold', 'settle', 'release', 'deposit', 'correction')),
    account    TEXT NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount <> 0),
    at         INTEGER NOT NULL,
    PRIMARY KEY (change_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE {wallet_deposits} (
    reference   TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount > 0),
    change_id   TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How a person put the books right, against the account suspense.
CREATE TABLE {corrections} (
    number       INTEGER PRIMARY KEY,
    reference    TEXT NOT NULL UNIQUE,
    withdraw_id  TEXT NOT NULL,
    account      TEXT NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount <> 0),
    operator     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    change_id    TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX {_corrections_about} ON {corrections} (withdraw_id, number);

CREATE TRIGGER {_journal_is_immutable} BEFORE UPDATE ON {journal}
    BEGIN SELECT RAISE(ABORT, 'the journal is immutable'); END;

CREATE TRIGGER {_journal_is_kept} BEFORE DELETE ON {journal}
    BEGIN SELECT RAISE(ABORT, 'the journal is immutable'); END;

CREATE TRIGGER {_final_is_final} BEFORE UPDATE ON {withdraw_records}
    WHEN OLD.completed_at IS NOT NULL AND (NEW.state <> OLD.state OR NEW.completed_at IS NOT OLD.completed_at)
    BEGIN SELECT RAISE(ABORT, 'a final state never changes'); END;

CREATE TRIGGER {_order_is_fixed} BEFORE UPDATE ON {withdraw_records}
    WHEN NEW.amount <> OLD.amount OR NEW.fee <> OLD.fee OR NEW.free_amount <> OLD.free_amount
        OR NEW.terms <> OLD.terms OR NEW.counted_on IS NOT OLD.counted_on OR NEW.user_id <> OLD.user_id
        OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.channel <> OLD.channel
        OR NEW.wechat_openid <> OLD.wechat_openid OR NEW.remark <> OLD.remark OR NEW.created_at <> OLD.created_at
        OR NEW.real_name_fingerprint IS NOT OLD.real_name_fingerprint
        OR (NEW.real_name_sealed IS NOT NULL AND NEW.real_name_sealed IS NOT OLD.real_name_sealed)
    BEGIN SELECT RAISE(ABORT, 'the order never changes'); END;

CREATE TRIGGER {_destination_is_fixed} BEFORE UPDATE ON {withdraw_records}
    WHEN OLD.wechat_mchid IS NOT NULL
        AND (NEW.wechat_mchid IS NOT OLD.wechat_mchid OR NEW.wechat_appid IS NOT OLD.wechat_appid
            OR NEW.wechat_api IS NOT OLD.wechat_api
            OR (NEW.request_body IS NOT OLD.request_body AND NEW.request_key_serial IS OLD.request_key_serial))
    BEGIN SELECT RAISE(ABORT, 'destination and content never change'); END;

CREATE TRIGGER {_facts_only_advance} BEFORE UPDATE ON {withdraw_records}
    WHEN NEW.version <> OLD.version + 1 OR NEW.attempts < OLD.attempts OR NEW.bill_seen < OLD.bill_seen
        OR NEW.number_taken < OLD.number_taken OR NEW.refused < OLD.refused OR NEW.calls < OLD.calls
    BEGIN SELECT RAISE(ABORT, 'facts only advance'); END;

CREATE TRIGGER {_withdrawals_are_kept} BEFORE DELETE ON {withdraw_records}
    BEGIN SELECT RAISE(ABORT, 'withdrawals are kept'); END;

CREATE TRIGGER {_changes_are_kept} BEFORE DELETE ON {withdraw_changes}
    BEGIN SELECT RAISE(ABORT, 'changes are kept'); END;

CREATE TRIGGER {_notes_are_kept} BEFORE DELETE ON {withdraw_notes}
    BEGIN SELECT RAISE(ABORT, 'notes are kept'); END;

CREATE TRIGGER {_corrections_are_kept} BEFORE DELETE ON {corrections}
    BEGIN SELECT RAISE(ABORT, 'corrections are kept'); END;

CREATE TRIGGER {_corrections_are_immutable} BEFORE UPDATE ON {corrections}
    BEGIN SELECT RAISE(ABORT, 'corrections are kept'); END;

CREATE TRIGGER {_switches_are_kept} BEFORE DELETE ON {channel_switches}
    BEGIN SELECT RAISE(ABORT, 'acts on switches are kept'); END;

CREATE TRIGGER {_switches_are_immutable} BEFORE UPDATE ON {channel_switches}
    BEGIN SELECT RAISE(ABORT, 'acts on switches are kept'); END;

CREATE TRIGGER {_notes_are_immutable} BEFORE UPDATE ON {withdraw_notes}
    BEGIN SELECT RAISE(ABORT, 'notes are kept'); END;

CREATE TRIGGER {_deposits_are_kept} BEFORE DELETE ON {wallet_deposits}
    BEGIN SELECT RAISE(ABORT, 'deposits are kept'); END;

-- Who claims in a lane of a channel and when its next call may be sent, in microseconds since 1970 by the clock of
-- this database. Nothing is lost when it is emptied.
CREATE TABLE {lanes} (
    channel        TEXT NOT NULL,
    call_kind      TEXT NOT NULL,
    entered_until  INTEGER NOT NULL,
    next_place     INTEGER NOT NULL,
    PRIMARY KEY (channel, call_kind)
) STRICT, WITHOUT ROWID;

INSERT INTO {ledger_schema} (version) VALUES (1);
)sql",
});

inline constexpr sql::Schema schema{
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '{_ledger_schema}'", schema_versions};

}  // namespace tixian::sqlite
