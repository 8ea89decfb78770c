// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

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
    /// What is to be reset elsewhere, of one merchant or of all when it is empty, once the bank has been.
    using Forget = std::function<void(const std::string& mchid)>;

    Control(Merchants& merchants, LiveBank& bank, LiveSettings& settings, LiveSwitches& switches,
            Journal& journal, const Clock& real, Forget forget)
        : merchants_(merchants),
          bank_(bank),
          settings_(settings),
          switches_(switches),
          journal_(journal),
          forget_(std::move(forget)),
          bills_(bank),
          products_(bank),
          merchants_control_(merchants, bank, real) {}

    [[nodiscard]] Answer answer(const Request& request);
    /// What the fault key_rotated does.
    void rotate_key(const std::string& mchid) { merchants_control_.rotate_key(mchid); }

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
    const Forget forget_;
    BillControl bills_;
    ProductControl products_;
    MerchantControl merchants_control_;
};

}  // namespace tixian::mock
