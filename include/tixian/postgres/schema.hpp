// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "tixian/sql/migration.hpp"

namespace tixian::postgres {

/// The schema, one text for each version, run in order and never changed once released. Constraints repeat
/// the invariants, so that even a wrong program cannot break them; they hold no policy numbers. Money is fen,
/// times are milliseconds since 1970. `{name}` is the table's name with schema and prefix.
inline constexpr std::array schema_versions = std::to_array<std::string_view>({
    R"sql(
CREATE TABLE {withdraw_records} (
    withdraw_id          text COLLATE "C" PRIMARY KEY,
    user_id              text COLLATE "C" NOT NULL,
    idempotency_key      text COLLATE "C" NOT NULL,
    amount               bigint NOT NULL CHECK (amount > 0),
    fee                  bigint NOT NULL CHECK (fee >= 0),
    free_amount          bigint NOT NULL CHECK (free_amount BETWEEN 0 AND amount),
    terms                text COLLATE "C" NOT NULL,
    counted_on           text COLLATE "C",
    channel              text COLLATE "C" NOT NULL,
    wechat_openid        text COLLATE "C" NOT NULL,
    remark               text COLLATE "C" NOT NULL,
    real_name_fingerprint text COLLATE "C",
    created_at           bigint NOT NULL,
    state                text COLLATE "C" NOT NULL,
    status               text COLLATE "C" NOT NULL,
    version              bigint NOT NULL CHECK (version > 0),
    real_name_sealed     text COLLATE "C",
    wechat_api           text COLLATE "C",
    wechat_mchid         text COLLATE "C",
    wechat_appid         text COLLATE "C",
    wechat_batch_id      text COLLATE "C",
    wechat_detail_id     text COLLATE "C",
    request_body         text COLLATE "C",
    request_key_serial   text COLLATE "C",
    attempts             bigint NOT NULL CHECK (attempts >= 0),
    first_submit_at      bigint NOT NULL,
    signed_at            bigint NOT NULL,
    send_by              bigint NOT NULL,
    submit_call          bigint NOT NULL,
    submit_answer        text COLLATE "C" NOT NULL CHECK (submit_answer IN ('none', 'in_doubt', 'refused')),
    earlier_doubt_until  bigint NOT NULL,
    bill_seen            smallint NOT NULL CHECK (bill_seen IN (0, 1)),
    number_taken         smallint NOT NULL CHECK (number_taken IN (0, 1)),
    wechat_state         text COLLATE "C",
    wechat_raw_state     text COLLATE "C",
    transfer_bill_no     text COLLATE "C",
    package_info         text COLLATE "C",
    waiting              text COLLATE "C",
    refused              smallint NOT NULL CHECK (refused IN (0, 1)),
    refused_for_content  smallint NOT NULL CHECK (refused_for_content IN (0, 1)),
    refused_at           bigint NOT NULL,
    absence_at           bigint,
    parked               smallint NOT NULL CHECK (parked IN (0, 1)),
    waits_for_person     smallint NOT NULL,
    raised               bigint NOT NULL,
    released_by          text COLLATE "C" NOT NULL,
    watches_left         bigint NOT NULL,
    next_call            text COLLATE "C" NOT NULL CHECK (next_call IN ('submit', 'query', 'cancel')),
    due_queue            text COLLATE "C" NOT NULL,
    due_at               bigint,
    lease_until          bigint NOT NULL,
    calls                bigint NOT NULL,
    retries              bigint NOT NULL,
    error_code           text COLLATE "C",
    error_message        text COLLATE "C",
    updated_at           bigint NOT NULL,
    completed_at         bigint,
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
    CHECK (due_queue = CASE state WHEN 'held' THEN 'held' ELSE next_call END)
);

CREATE INDEX {_withdraw_records_due} ON {withdraw_records} (channel, due_queue, due_at, withdraw_id)
    WHERE due_at IS NOT NULL;

CREATE INDEX {_withdraw_records_history} ON {withdraw_records} (user_id, created_at, withdraw_id);

CREATE INDEX {_withdraw_records_waiting} ON {withdraw_records} (created_at, withdraw_id)
    WHERE waits_for_person = 1;

-- One row for each committed change: the history of a withdrawal, and what makes a commit in doubt safe to repeat.
CREATE TABLE {withdraw_changes} (
    change_id    text COLLATE "C" PRIMARY KEY,
    withdraw_id  text COLLATE "C",
    version      bigint,
    event        text COLLATE "C" NOT NULL,
    at           bigint NOT NULL,
    UNIQUE (withdraw_id, version)
);

-- What is raised (operator is NULL) stands once for each kind, what a person did once for each version.
CREATE TABLE {withdraw_notes} (
    withdraw_id  text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    line         bigint NOT NULL,
    at           bigint NOT NULL,
    operator     text COLLATE "C",
    text         text COLLATE "C" NOT NULL,
    PRIMARY KEY (withdraw_id, version, kind)
);

CREATE UNIQUE INDEX {_withdraw_notes_raised_once} ON {withdraw_notes} (withdraw_id, kind) WHERE operator IS NULL;

CREATE INDEX {_withdraw_notes_kind} ON {withdraw_notes} (kind, at);

-- What withdrawals that have neither failed nor been cancelled count against the limits.
CREATE TABLE {withdraw_usage} (
    counter  text COLLATE "C" PRIMARY KEY,
    amount   bigint NOT NULL CHECK (amount >= 0),
    count    bigint NOT NULL CHECK (count >= 0)
) WITH (fillfactor = 50);

-- Every channel that was ever used, and whether its switch is on.
CREATE TABLE {channels} (
    channel  text COLLATE "C" PRIMARY KEY,
    is_open  smallint NOT NULL CHECK (is_open IN (0, 1))
);

-- Every act on a channel's switch.
CREATE TABLE {channel_switches} (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel    text COLLATE "C" NOT NULL,
    is_open    smallint NOT NULL CHECK (is_open IN (0, 1)),
    operator   text COLLATE "C" NOT NULL,
    reason     text COLLATE "C" NOT NULL,
    change_id  text COLLATE "C" NOT NULL,
    at         bigint NOT NULL
);

CREATE INDEX {_channel_switches_last} ON {channel_switches} (channel, number);

CREATE TABLE {accounts} (
    account  text COLLATE "C" PRIMARY KEY,
    balance  bigint NOT NULL CHECK (account NOT LIKE 'user:%' OR balance >= 0)
) WITH (fillfactor = 50);

CREATE TABLE {journal} (
    change_id  text COLLATE "C" NOT NULL,
    line       bigint NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('hold', 'settle', 'release', 'deposit', 'correction')),
    account    text COLLATE "C" NOT NULL,
    amount     bigint NOT NULL CHECK (amount <> 0),
    at         bigint NOT NULL,
    PRIMARY KEY (change_id, line)
);

CREATE TABLE {wallet_deposits} (
    reference   text COLLATE "C" PRIMARY KEY,
    user_id     text COLLATE "C" NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    change_id   text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL
);

-- How a person put the books right, against the account suspense.
CREATE TABLE {corrections} (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference    text COLLATE "C" NOT NULL UNIQUE,
    withdraw_id  text COLLATE "C" NOT NULL,
    account      text COLLATE "C" NOT NULL,
    amount       bigint NOT NULL CHECK (amount <> 0),
    operator     text COLLATE "C" NOT NULL,
    reason       text COLLATE "C" NOT NULL,
    change_id    text COLLATE "C" NOT NULL,
    at           bigint NOT NULL
);

CREATE INDEX {_corrections_about} ON {corrections} (withdraw_id, number);

CREATE FUNCTION {refuse_change}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0]; END $$;

CREATE TRIGGER {_journal_is_immutable} BEFORE UPDATE ON {journal} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('the journal is immutable');

CREATE TRIGGER {_journal_is_kept} BEFORE DELETE ON {journal} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('the journal is immutable');

CREATE TRIGGER {_final_is_final} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    WHEN (OLD.completed_at IS NOT NULL AND (NEW.state <> OLD.state OR NEW.completed_at IS DISTINCT FROM OLD.completed_at))
    EXECUTE FUNCTION {refuse_change}('a final state never changes');

CREATE TRIGGER {_order_is_fixed} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    WHEN (NEW.amount <> OLD.amount OR NEW.fee <> OLD.fee OR NEW.free_amount <> OLD.free_amount
        OR NEW.terms <> OLD.terms OR NEW.counted_on IS DISTINCT FROM OLD.counted_on OR NEW.user_id <> OLD.user_id
        OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.channel <> OLD.channel
        OR NEW.wechat_openid <> OLD.wechat_openid OR NEW.remark <> OLD.remark OR NEW.created_at <> OLD.created_at
        OR NEW.real_name_fingerprint IS DISTINCT FROM OLD.real_name_fingerprint
        OR (NEW.real_name_sealed IS NOT NULL AND NEW.real_name_sealed IS DISTINCT FROM OLD.real_name_sealed))
    EXECUTE FUNCTION {refuse_change}('the order never changes');

CREATE TRIGGER {_destination_is_fixed} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    WHEN (OLD.wechat_mchid IS NOT NULL
        AND (NEW.wechat_mchid IS DISTINCT FROM OLD.wechat_mchid OR NEW.wechat_appid IS DISTINCT FROM OLD.wechat_appid
            OR NEW.wechat_api IS DISTINCT FROM OLD.wechat_api
            OR (NEW.request_body IS DISTINCT FROM OLD.request_body AND NEW.request_key_serial IS NOT DISTINCT FROM OLD.request_key_serial)))
    EXECUTE FUNCTION {refuse_change}('destination and content never change');

CREATE TRIGGER {_facts_only_advance} BEFORE UPDATE ON {withdraw_records} FOR EACH ROW
    WHEN (NEW.version <> OLD.version + 1 OR NEW.attempts < OLD.attempts OR NEW.bill_seen < OLD.bill_seen
        OR NEW.number_taken < OLD.number_taken OR NEW.refused < OLD.refused OR NEW.calls < OLD.calls)
    EXECUTE FUNCTION {refuse_change}('facts only advance');

CREATE TRIGGER {_withdrawals_are_kept} BEFORE DELETE ON {withdraw_records} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('withdrawals are kept');

CREATE TRIGGER {_changes_are_kept} BEFORE DELETE ON {withdraw_changes} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('changes are kept');

CREATE TRIGGER {_notes_are_kept} BEFORE DELETE ON {withdraw_notes} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('notes are kept');

CREATE TRIGGER {_corrections_are_kept} BEFORE DELETE ON {corrections} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('corrections are kept');

CREATE TRIGGER {_corrections_are_immutable} BEFORE UPDATE ON {corrections} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('corrections are kept');

CREATE TRIGGER {_switches_are_kept} BEFORE DELETE ON {channel_switches} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('acts on switches are kept');

CREATE TRIGGER {_switches_are_immutable} BEFORE UPDATE ON {channel_switches} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('acts on switches are kept');

CREATE TRIGGER {_notes_are_immutable} BEFORE UPDATE ON {withdraw_notes} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('notes are kept');

CREATE TRIGGER {_deposits_are_kept} BEFORE DELETE ON {wallet_deposits} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('deposits are kept');

-- One row, which a transaction that commits changes takes first: one writer at a time.
CREATE TABLE {ledger_lock} (
    id    smallint PRIMARY KEY CHECK (id = 1),
    turn  bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO {ledger_lock} (id, turn) VALUES (1, 0);

CREATE TRIGGER {_ledger_lock_is_kept} BEFORE DELETE ON {ledger_lock} FOR EACH ROW
    EXECUTE FUNCTION {refuse_change}('the lock is kept');

-- Who claims in a lane of a channel and when its next call may be sent, in microseconds since 1970 by the clock of
-- this database. Nothing is lost when it is emptied.
CREATE TABLE {lanes} (
    channel        text COLLATE "C" NOT NULL,
    call_kind      text COLLATE "C" NOT NULL,
    entered_until  bigint NOT NULL,
    next_place     bigint NOT NULL,
    PRIMARY KEY (channel, call_kind)
) WITH (fillfactor = 10);

INSERT INTO {ledger_schema} (version) VALUES (1);
)sql",
});

inline constexpr sql::Schema schema{"SELECT 1 WHERE to_regclass('{ledger_schema}') IS NOT NULL",
                                    schema_versions};

}  // namespace tixian::postgres
