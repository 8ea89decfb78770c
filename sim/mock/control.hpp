// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "mock/bill_control.hpp"
#include "mock/http.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/merchant_control.hpp"
#include "mock/product_control.hpp"
#include "mock/settings.hpp"

namespace tixian::mock {

/// The endpoints under /_mock/: unsigned, for tests and people. All that belongs to a merchant is the first
/// one's, or whose `?mchid=` says. Thread-safe.
class Control {
 public:
    Control(Merchants& merchants, LiveBank& bank, LiveSettings& settings, LiveSwitches& switches,
            Journal& journal)
        : merchants_(merchants),
          bank_(bank),
          settings_(settings),
          switches_(switches),
          journal_(journal),
          bills_(bank),
          products_(bank),
          merchants_control_(merchants, bank) {}

    [[nodiscard]] Answer answer(const Request& request);

 private:
    [[nodiscard]] std::optional<Answer> answer_own(const ControlRequest& request);
    [[nodiscard]] Answer change_settings(const std::string& body);
    [[nodiscard]] Answer change_switches(const std::string& body);
    [[nodiscard]] Answer reset(const ControlRequest& request);
    void apply(const Settings& settings);
    void apply(const Switches& switches);

    Merchants& merchants_;
    LiveBank& bank_;
    LiveSettings& settings_;
    LiveSwitches& switches_;
    Journal& journal_;
    BillControl bills_;
    ProductControl products_;
    MerchantControl merchants_control_;
};

}  // namespace tixian::mock
