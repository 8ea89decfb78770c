// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock/downloads.hpp"
#include "mock/http.hpp"
#include "mock/live_bank.hpp"
#include "mock/merchant.hpp"
#include "mock/switches.hpp"
#include "tixian/clock.hpp"

#include "wechat_bank/bank.hpp"
#include "wechat_bank/rate.hpp"

namespace tixian::mock {

/// One authorized request: all that its body is checked against.
struct Asked {
    const Request& request;
    const Merchant& merchant;
    Switches switches;

    [[nodiscard]] const std::string& mchid() const { return merchant.identity.mchid; }
    [[nodiscard]] std::size_t number_length_min() const { return switches.number_of_six_at_least ? 6 : 1; }
};

/// What befalls commands between WeChat's door and its bank. Plain: nothing.
struct Passage {
    std::function<void(const bank::Command&)> foresee;  ///< hears of each before the bank does
    std::optional<Timestamp> executes_at;  ///< business time; until then the bank's inner queue has it

    [[nodiscard]] bool is_plain() const { return !foresee && !executes_at; }
};

/// The same on its way to the bank.
struct Call : Asked {
    std::vector<std::string> numbers;  ///< what stands in the path's places
    std::map<std::string, std::string> query;
    LiveBank& bank;
    Downloads& downloads;
    const Passage& passage;

    /// To be asked before the bank is told the command: true when the inner queue has it now, and nobody
    /// will hear the bank's answer.
    template <class Asks>
    [[nodiscard]] bool is_queued(const Asks& asks) {
        if (passage.is_plain()) return false;
        const bank::Command command(asks);
        if (passage.foresee) passage.foresee(command);
        if (!passage.executes_at) return false;
        bank.with(
            [&](bank::Bank& all, Timestamp now) { all.execute_later(command, *passage.executes_at, now); });
        return true;
    }
    [[nodiscard]] std::string parameter(const std::string& name) const {
        const auto found = query.find(name);
        return found == query.end() ? std::string() : found->second;
    }
    /// `https://api.mch.weixin.qq.com`, as the caller reached it.
    [[nodiscard]] std::string origin() const { return request.scheme + "://" + request.header("Host"); }
};

/// One endpoint of WeChat's. In `path`, `{}` stands for one part that becomes one of the call's numbers.
struct Route {
    std::string_view method;
    std::string_view path;
    bank::Endpoint endpoint;
    Answer (*answer)(Call&);
};

/// The routes of each subject, in the files named after it.
[[nodiscard]] std::vector<Route> transfer_routes();
[[nodiscard]] std::vector<Route> authorization_routes();
[[nodiscard]] std::vector<Route> batch_routes();
[[nodiscard]] std::vector<Route> receipt_routes();
[[nodiscard]] std::vector<Route> account_routes();

}  // namespace tixian::mock
