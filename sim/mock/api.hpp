// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "mock/call.hpp"
#include "mock/http.hpp"
#include "mock/live_bank.hpp"
#include "mock/merchant.hpp"
#include "mock/switches.hpp"

namespace tixian::mock {

/// An answer that is not signed yet, and the merchant for whom it is to be signed; null when nobody knows.
struct ApiAnswer {
    Answer answer;
    Merchants::Known merchant;
};

/// WeChat's endpoints: who may ask, what is asked, and the bank's answer. Thread-safe.
class Api {
 public:
    struct Parts {
        Merchants& merchants;
        LiveBank& bank;
        LiveSwitches& switches;
        Downloads& downloads;
        bool checks_signatures;
    };
    explicit Api(const Parts& parts);

    /// The answer to what the inner queue has is empty: nobody hears the bank's.
    [[nodiscard]] ApiAnswer answer(const Request& request, const Passage& passage = {});

 private:
    [[nodiscard]] Answer execute(const Route& route, Call& call);

    std::vector<Route> routes_;
    Parts parts_;
};

/// What the server answers by itself: unknown paths and requests that are not HTTP as it should be.
[[nodiscard]] Answer protocol_error(int status);

}  // namespace tixian::mock
