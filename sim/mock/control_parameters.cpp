// SPDX-License-Identifier: MIT
#include "mock/control_parameters.hpp"

#include <algorithm>
#include <array>

#include "faults/reader.hpp"
#include "mock/control_request.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

constexpr std::array<std::string_view, 1> of_merchant = {"mchid"};
// What follows belongs to one merchant; all else is everybody's.
constexpr std::array<std::string_view, 9> merchants_own = {"bills",   "batches",  "authorizations",
                                                           "balance", "reset",    "verdicts",
                                                           "bills/",  "batches/", "authorizations/"};
constexpr std::array<std::string_view, 3> of_bill = {"mchid", "until", "timeout"};
constexpr std::array<std::string_view, 1> of_confirm = {"package"};
constexpr std::array<std::string_view, 9> of_journal = {"mchid",  "number", "openid", "endpoint", "kind",
                                                        "status", "fault",  "since",  "limit"};
constexpr std::array<std::string_view, 8> of_requests = {"mchid",  "number", "openid", "endpoint",
                                                         "status", "fault",  "since",  "limit"};
constexpr std::array<std::string_view, 13> of_assert = {
    "mchid", "number", "openid", "endpoint", "kind",     "status",       "fault",
    "since", "limit",  "bills",  "paid",     "requests", "notifications"};

bool is_of_merchant(std::string_view path) {
    return path == "certificates/rotate" ||
           std::any_of(merchants_own.begin(), merchants_own.end(), [&](std::string_view own) {
               return own.ends_with('/') ? path.starts_with(own) : path == own;
           });
}

bool is_bill(std::string_view path) {
    constexpr std::string_view bills = "bills/";
    return path.starts_with(bills) && path.find('/', bills.size()) == std::string_view::npos;
}

}  // namespace

std::span<const std::string_view> known_parameters(std::string_view path) {
    if (is_bill(path)) return of_bill;
    if (path == "confirm") return of_confirm;
    if (path == "journal") return of_journal;
    if (path == "requests") return of_requests;
    if (path == "assert") return of_assert;
    if (is_of_merchant(path)) return of_merchant;
    return {};
}

std::optional<Answer> refuse_unknown_parameters(const Request& request, std::string_view path) {
    if (path == "ui" || path.starts_with("ui/")) return std::nullopt;  // files, as browsers ask for them
    const auto known = known_parameters(path);
    for (const auto& [key, value] : parse_query(request.query())) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        return bad_request(
            key + " is no parameter here" +
            faults::suggestion(key, std::vector<std::string_view>(known.begin(), known.end())));
    }
    return std::nullopt;
}

}  // namespace tixian::mock
