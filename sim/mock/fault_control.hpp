// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mock/business_clock.hpp"
#include "mock/http.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/live_faults.hpp"
#include "mock/notifier.hpp"

namespace tixian::mock {

/// The control endpoints of what goes wrong and of what was seen: faults, users, time, journal, assertions,
/// verdicts; and the page. openapi.yaml describes them. Thread-safe.
class FaultControl {
 public:
    struct Parts {
        std::string mchid;  ///< meant where a request names none
        LiveFaults& faults;
        LiveBank& bank;
        Journal& journal;
        Notifier& notifier;
        BusinessClock& business;
        const Clock& real;
    };

    explicit FaultControl(Parts parts) : parts_(std::move(parts)) {}

    /// Nothing when the path is somebody else's.
    [[nodiscard]] std::optional<Answer> answer(const Request& request);

    /// `GET faults` and the like, below /_mock/; in `{}` stands one part.
    [[nodiscard]] static std::vector<std::string> routes();

 private:
    struct Asked;
    struct Route;
    [[nodiscard]] static const std::vector<Route>& table();

    [[nodiscard]] Answer catalogue(const Asked& asked);
    [[nodiscard]] Answer magic(const Asked& asked);
    [[nodiscard]] Answer faults(const Asked& asked);
    [[nodiscard]] Answer add_fault(const Asked& asked);
    [[nodiscard]] Answer remove_faults(const Asked& asked);
    [[nodiscard]] Answer remove_fault(const Asked& asked);
    [[nodiscard]] Answer enable(const Asked& asked);
    [[nodiscard]] Answer disable(const Asked& asked);
    [[nodiscard]] Answer set_seed(const Asked& asked);
    [[nodiscard]] Answer users(const Asked& asked);
    [[nodiscard]] Answer put_user(const Asked& asked);
    [[nodiscard]] Answer remove_user(const Asked& asked);
    [[nodiscard]] Answer time(const Asked& asked);
    [[nodiscard]] Answer advance(const Asked& asked);
    [[nodiscard]] Answer rewrites(const Asked& asked);
    [[nodiscard]] Answer set_rewrites(const Asked& asked);
    [[nodiscard]] Answer journal(const Asked& asked);
    [[nodiscard]] Answer requests(const Asked& asked);
    [[nodiscard]] Answer assert_that(const Asked& asked);
    [[nodiscard]] Answer verdicts(const Asked& asked);
    [[nodiscard]] Answer refuse(const Asked& asked);
    [[nodiscard]] Answer notify(const Asked& asked);
    [[nodiscard]] Answer openapi(const Asked& asked);
    [[nodiscard]] Answer page(const Asked& asked);
    [[nodiscard]] Answer page_file(const Asked& asked);

    Parts parts_;
};

}  // namespace tixian::mock
