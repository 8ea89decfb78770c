// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mock/downloads.hpp"
#include "mock/http.hpp"
#include "mock/live_bank.hpp"
#include "mock/merchant.hpp"
#include "mock/switches.hpp"

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

/// The same on its way to the bank.
struct Call : Asked {
    std::vector<std::string> numbers;  ///< what stands in the path's places
    std::map<std::string, std::string> query;
    LiveBank& bank;
    Downloads& downloads;

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
