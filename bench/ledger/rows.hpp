// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "bench.hpp"
#include "ledger/server_subject.hpp"

namespace tixian::bench {

/// P3: one core, one change a commit, against the bare loop.
void measure_one_core(Bench& bench, Subject& subject);

/// `id`.1, .8, .64: withdrawals from so many clients through group commit, against the same rows written by
/// hand in batches of the same size; and `id`.fsync where `counts_fsyncs`, which only tells of what this
/// process writes.
void measure_clients(Bench& bench, Subject& subject, const std::string& id, bool counts_fsyncs);

/// P6: everything through one merchant's counters and clearing account, against the same spread over many.
void measure_one_merchant_alone(Bench& bench, Subject& subject, const std::string& id);
void measure_one_merchant_with_clients(Bench& bench, Subject& subject, const std::string& id);

/// P5 (b): `id`.plain, withdrawals of 64 clients against a transaction a step, and `id`.p50, the time of one
/// that is alone.
void measure_against_plain_service(Bench& bench, ServerSubject& subject, const std::string& id);

/// P6 in four processes, each with a quarter of the clients.
void measure_one_merchant_in_processes(Bench& bench, ServerSubject& subject, const std::string& id);

/// P9: claiming where `finals` final withdrawals lie, against the same among few.
void measure_claims(Bench& bench, FillableSubject& subject, const std::string& id, std::size_t finals);

/// Throws unless ledger and reference leave the same rows: else they could not be compared.
void require_same_rows(Bench& bench, Subject& subject);

}  // namespace tixian::bench
