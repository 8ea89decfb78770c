// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "tixian/sql/migration.hpp"

namespace tixian::mysql {

/// The schema, one text for each version, run in order and never changed once released. Constraints repeat
/// the invariants, so that even a wrong program cannot break them; they hold no policy numbers. Money is fen,
/// times are milliseconds since 1970. `{name}` is the table's name with database and prefix. MySQL
/// commits each statement by itself; so each can be run again, or fails because it was.
inline constexpr std::array schema_versions = std::to_array<std::string_view>({
    R"sql(
CREATE TABLE IF NOT EXISTS {withdraw_records} (
    withdraw_id          VARCHAR(32) PRIMARY KEY,
    user_id              VARCHAR(64) NOT NULL,
    idempotency_key      VARCHAR(128) NOT NULL,
    amount               BIGINT NOT NULL CHECK (amount > 0),
    fee                  BIGINT NOT NULL CHECK (fee >= 0),
    free_amount          BIGINT NOT NULL CHECK (free_amount BETWEEN 0 AND amount),
    terms                TEXT NOT NULL,
    counted_on           VARCHAR(10),
    channel              VARCHAR(32) NOT NULL,
    wechat_openid        VARCHAR(64) NOT NULL,
    remark               TEXT NOT NULL,
    real_name_fingerprint TEXT,
    created_at           BIGINT NOT NULL,
    state                VARCHAR(16) NOT NULL,
    status               VARCHAR(16) NOT NULL,
    version              BIGINT NOT NULL CHECK (version > 0),
    real_name_sealed     TEXT,
    wechat_api           VARCHAR(32),
    wechat_mchid         VARCHAR(32),
    wechat_appid         VARCHAR(32),
    wechat_batch_id      VARCHAR(64),
    wechat_detail_id     VARCHAR(64),
    request_body         MEDIUMTEXT,
    request_key_serial   VARCHAR(128),
    attempts             BIGINT NOT NULL CHECK (attempts >= 0),
    first_submit_at      BIGINT NOT NULL,
    signed_at            BIGINT NOT NULL,
    send_by              BIGINT NOT NULL,
    submit_call          BIGINT NOT NULL,
    submit_answer        VARCHAR(16) NOT NULL CHECK (submit_answer IN ('none', 'in_doubt', 'refused')),
    earlier_doubt_until  BIGINT NOT NULL,
    bill_seen            TINYINT NOT NULL CHECK (bill_seen IN (0, 1)),
    number_taken         TINYINT NOT NULL CHECK (number_taken IN (0, 1)),
    wechat_state         VARCHAR(32),
    wechat_raw_state     TEXT,
    transfer_bill_no     TEXT,
    package_info         TEXT,
    waiting              VARCHAR(32),
    refused              TINYINT NOT NULL CHECK (refused IN (0, 1)),
    refused_for_content  TINYINT NOT NULL CHECK (refused_for_content IN (0, 1)),
    refused_at           BIGINT NOT NULL,
    absence_at           BIGINT,
    parked               TINYINT NOT NULL CHECK (parked IN (0, 1)),
    waits_for_person     TINYINT NOT NULL,
    raised               BIGINT NOT NULL,
    released_by          VARCHAR(16) NOT NULL,
    watches_left         BIGINT NOT NULL,
    next_call            VARCHAR(8) NOT NULL CHECK (next_call IN ('submit', 'query', 'cancel')),
    due_queue            VARCHAR(8) NOT NULL,
    due_at               BIGINT,
    lease_until          BIGINT NOT NULL,
    calls                BIGINT NOT NULL,
    retries              BIGINT NOT NULL,
    error_code           TEXT,
    error_message        TEXT,
    updated_at           BIGINT NOT NULL,
    completed_at         BIGINT,
    UNIQUE (user_id, idempotency_key),
    CHECK (status = CASE state WHEN 'in_review' THEN 'pending' WHEN 'held' THEN 'pending'
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
    CHECK ((waits_for_person = 1) = (parked = 1 OR state = 'in_review')),
    CHECK (waits_for_person IN (0, 1)),
    CHECK (due_queue = CASE state WHEN 'held' THEN 'held' ELSE next_call END),
    KEY withdraw_records_due (channel, due_queue, due_at, withdraw_id),
    KEY withdraw_records_history (user_id, created_at, withdraw_id),
    KEY withdraw_records_waiting (waits_for_person, created_at, withdraw_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row for each committed change: the history of a withdrawal, and what makes a commit in doubt safe to repeat.
CREATE TABLE IF NOT EXISTS {withdraw_changes} (
    change_id    VARCHAR(64) PRIMARY KEY,
    withdraw_id  VARCHAR(32),
    version      BIGINT,
    event        VARCHAR(64) NOT NULL,
    at           BIGINT NOT NULL,
    UNIQUE (withdraw_id, version)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What is raised (operator is NULL) stands once for each kind, what a person did once for each version.
CREATE TABLE IF NOT EXISTS {withdraw_notes} (
    withdraw_id  VARCHAR(32) NOT NULL,
    version      BIGINT NOT NULL,
    kind         VARCHAR(32) NOT NULL,
    line         BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    operator     VARCHAR(64),
    text         TEXT NOT NULL,
    raised       VARCHAR(32) GENERATED ALWAYS AS (CASE WHEN operator IS NULL THEN kind END) STORED,
    PRIMARY KEY (withdraw_id, version, kind),
    UNIQUE KEY withdraw_notes_raised_once (withdraw_id, raised),
    KEY withdraw_notes_kind (kind, at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What withdrawals that have neither failed nor been cancelled count against the limits.
CREATE TABLE IF NOT EXISTS {withdraw_usage} (
    counter  VARCHAR(160) PRIMARY KEY,
    amount   BIGINT NOT NULL CHECK (amount >= 0),
    count    BIGINT NOT NULL CHECK (count >= 0)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every channel that was ever used, and whether its switch is on.
CREATE TABLE IF NOT EXISTS {channels} (
    channel  VARCHAR(32) PRIMARY KEY,
    is_open  TINYINT NOT NULL CHECK (is_open IN (0, 1))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every act on a channel's switch.
CREATE TABLE IF NOT EXISTS {channel_switches} (
    number     BIGINT AUTO_INCREMENT PRIMARY KEY,
    channel    VARCHAR(32) NOT NULL,
    is_open    TINYINT NOT NULL CHECK (is_open IN (0, 1)),
    operator   VARCHAR(64) NOT NULL,
    reason     TEXT NOT NULL,
    change_id  VARCHAR(64) NOT NULL,
    at         BIGINT NOT NULL,
    KEY channel_switches_last (channel, number)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {accounts} (
    account  VARCHAR(128) PRIMARY KEY,
    balance  BIGINT NOT NULL CHECK (account NOT LIKE 'user:%' OR balance >= 0)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {journal} (
    change_id  VARCHAR(64) NOT NULL,
    line       BIGINT NOT NULL,
    kind       VARCHAR(32) NOT NULL CHECK (kind IN ('hold', 'settle', 'release', 'deposit', 'correction')),
    account    VARCHAR(128) NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount <> 0),
    at         BIGINT NOT NULL,
    PRIMARY KEY (change_id, line)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {wallet_deposits} (
    reference   VARCHAR(128) PRIMARY KEY,
    user_id     VARCHAR(64) NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    change_id   VARCHAR(64) NOT NULL,
    created_at  BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How a person put the books right, against the account suspense.
CREATE TABLE IF NOT EXISTS {corrections} (
    number       BIGINT AUTO_INCREMENT PRIMARY KEY,
    reference    VARCHAR(128) NOT NULL UNIQUE,
    withdraw_id  VARCHAR(32) NOT NULL,
    account      VARCHAR(128) NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount <> 0),
    operator     VARCHAR(64) NOT NULL,
    reason       TEXT NOT NULL,
    change_id    VARCHAR(64) NOT NULL,
    at           BIGINT NOT NULL,
    KEY corrections_about (withdraw_id, number)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER {journal_is_immutable} BEFORE UPDATE ON {journal} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the journal is immutable';

CREATE TRIGGER {journal_is_kept} BEFORE DELETE ON {journal} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the journal is immutable';

CREATE TRIGGER {final_is_final} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    IF OLD.completed_at IS NOT NULL AND (NEW.state <> OLD.state OR NOT (NEW.completed_at <=> OLD.completed_at)) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a final state never changes';
    END IF;

CREATE TRIGGER {order_is_fixed} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    IF NEW.amount <> OLD.amount OR NEW.fee <> OLD.fee OR NEW.free_amount <> OLD.free_amount
        OR NEW.terms <> OLD.terms OR NOT (NEW.counted_on <=> OLD.counted_on) OR NEW.user_id <> OLD.user_id
        OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.channel <> OLD.channel
        OR NEW.wechat_openid <> OLD.wechat_openid OR NEW.remark <> OLD.remark OR NEW.created_at <> OLD.created_at
        OR NOT (NEW.real_name_fingerprint <=> OLD.real_name_fingerprint)
        OR (NEW.real_name_sealed IS NOT NULL AND NOT (NEW.real_name_sealed <=> OLD.real_name_sealed)) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the order never changes';
    END IF;

CREATE TRIGGER {destination_is_fixed} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    IF OLD.wechat_mchid IS NOT NULL
        AND (NOT (NEW.wechat_mchid <=> OLD.wechat_mchid) OR NOT (NEW.wechat_appid <=> OLD.wechat_appid)
            OR NOT (NEW.wechat_api <=> OLD.wechat_api)
            OR (NOT (NEW.request_body <=> OLD.request_body) AND NEW.request_key_serial <=> OLD.request_key_serial)) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'destination and content never change';
    END IF;

CREATE TRIGGER {facts_only_advance} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    IF NEW.version <> OLD.version + 1 OR NEW.attempts < OLD.attempts OR NEW.bill_seen < OLD.bill_seen
        OR NEW.number_taken < OLD.number_taken OR NEW.refused < OLD.refused OR NEW.calls < OLD.calls THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'facts only advance';
    END IF;

CREATE TRIGGER {withdrawals_are_kept} BEFORE DELETE ON {withdraw_records} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'withdrawals are kept';

CREATE TRIGGER {changes_are_kept} BEFORE DELETE ON {withdraw_changes} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'changes are kept';

CREATE TRIGGER {notes_are_kept} BEFORE DELETE ON {withdraw_notes} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'notes are kept';

CREATE TRIGGER {corrections_are_kept} BEFORE DELETE ON {corrections} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'corrections are kept';

CREATE TRIGGER {corrections_are_immutable} BEFORE UPDATE ON {corrections} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'corrections are kept';

CREATE TRIGGER {switches_are_kept} BEFORE DELETE ON {channel_switches} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'acts on switches are kept';

CREATE TRIGGER {switches_are_immutable} BEFORE UPDATE ON {channel_switches} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'acts on switches are kept';

CREATE TRIGGER {notes_are_immutable} BEFORE UPDATE ON {withdraw_notes} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'notes are kept';

CREATE TRIGGER {deposits_are_kept} BEFORE DELETE ON {wallet_deposits} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'deposits are kept';

-- One row, which a transaction that commits changes takes first: one writer at a time.
CREATE TABLE IF NOT EXISTS {ledger_lock} (
    id    TINYINT PRIMARY KEY CHECK (id = 1),
    turn  BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO {ledger_lock} (id, turn) VALUES (1, 0);

CREATE TRIGGER {ledger_lock_is_kept} BEFORE DELETE ON {ledger_lock} FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lock is kept';

-- Who claims in a lane of a channel and when its next call may be sent, in microseconds since 1970 by the clock of
-- this database. Nothing is lost when it is emptied.
CREATE TABLE IF NOT EXISTS {lanes} (
    channel        VARCHAR(32) NOT NULL,
    call_kind      VARCHAR(32) NOT NULL,
    entered_until  BIGINT NOT NULL,
    next_place     BIGINT NOT NULL,
    PRIMARY KEY (channel, call_kind)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO {ledger_schema} (version) VALUES (1);
)sql",
});

inline constexpr sql::Schema schema{
    "SELECT 1 FROM information_schema.tables WHERE CONCAT(table_schema, '.', table_name)"
    " IN ('{ledger_schema}', CONCAT(DATABASE(), '.{ledger_schema}'))",
    schema_versions};

}  // namespace tixian::mysql
