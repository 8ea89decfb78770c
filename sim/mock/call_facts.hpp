// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "faults/fault.hpp"
#include "mock/http.hpp"
#include "tixian/money.hpp"

namespace tixian::mock {

/// What a request says of itself, believed without a check.
struct CallFacts {
    faults::Endpoint endpoint = faults::Endpoint::other;
    std::string mchid;   ///< of the Authorization header
    std::string number;  ///< out_bill_no, out_batch_no or the like
    std::string openid;  ///< of a create
    std::optional<Money> amount;
};

[[nodiscard]] CallFacts facts_of(const std::string& method, const std::string& target,
                                 const std::string& body);
/// `mchid`: who asks.
[[nodiscard]] CallFacts facts_of(const Request& request, std::string mchid);
/// Of a create's body, what a retry must not change; names are left out, because their ciphertext differs.
[[nodiscard]] std::string content_of(const std::string& body);
/// Who asks, as the Authorization header says; empty without one.
[[nodiscard]] std::string mchid_of(const Request& request);

}  // namespace tixian::mock
