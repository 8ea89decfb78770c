// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "mock/http.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/settings.hpp"

namespace tixian::mock {

/// The endpoints under /_mock/: unsigned, for tests and people. Thread-safe.
class Control {
 public:
    Control(std::string mchid, LiveBank& bank, LiveSettings& settings, Journal& journal)
        : mchid_(std::move(mchid)), bank_(bank), settings_(settings), journal_(journal) {}

    [[nodiscard]] Answer answer(const Request& request);

 private:
    [[nodiscard]] Answer get(const std::string& path, const Request& request);
    [[nodiscard]] Answer post(const std::string& path, const Request& request);
    [[nodiscard]] Answer bills();
    [[nodiscard]] Answer bill(const std::string& out_bill_no, const std::string& query);
    [[nodiscard]] Answer wait_for_bill(const std::string& out_bill_no, const std::string& until,
                                       const std::string& timeout);
    [[nodiscard]] Answer act_on_bill(const std::string& out_bill_no, const std::string& act,
                                     const std::string& body);
    [[nodiscard]] Answer change_settings(const std::string& body);
    [[nodiscard]] Answer set_balance(const std::string& body);
    [[nodiscard]] Answer requests();
    [[nodiscard]] Answer confirm_form(const std::string& body);
    void apply(const Settings& settings);

    std::string mchid_;
    LiveBank& bank_;
    LiveSettings& settings_;
    Journal& journal_;
};

}  // namespace tixian::mock
