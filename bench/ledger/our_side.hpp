// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "bench.hpp"
#include "ledger/clients.hpp"

namespace tixian::bench {

/// Rounds are short and many, and ours and the reference take turns, so that a disk that others use too is as
/// slow for both.
[[nodiscard]] inline int short_rounds(const Bench& bench) { return 5 * bench.rounds(); }

/// A tenth of a second to half a second of work on the machine of the targets.
[[nodiscard]] inline std::size_t withdrawals_of_round(std::size_t clients) {
    return clients * (clients == 1 ? 50 : clients <= 8 ? 20 : 12);
}

[[nodiscard]] inline std::unique_ptr<Ledger> opened(std::unique_ptr<Ledger> ledger, Load& load) {
    commit_all(*ledger, load.opening());
    return ledger;
}

/// A ledger with its clients, and the changes of each round ahead of its time.
class OurSide {
 public:
    OurSide(Subject& subject, const std::string& place, LoadShape shape, std::size_t clients)
        : load_(shape),
          clients_(opened(subject.ledger(place), load_), clients),
          withdrawals_(withdrawals_of_round(clients)) {
        static_cast<void>(round());
    }

    [[nodiscard]] ClientsRun round() { return clients_.run(load_.withdrawals(withdrawals_)); }

 private:
    Load load_;
    Clients clients_;
    const std::size_t withdrawals_;
};

}  // namespace tixian::bench
