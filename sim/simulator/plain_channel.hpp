// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "simulator/wechat.hpp"
#include "tixian/channel.hpp"

namespace tixian::sim {

/// The channel where signatures are stubbed: a submission is amount and payee, and which composition it is,
/// because a real one holds a ciphertext that is never the same twice.
class PlainChannel : public Channel {
 public:
    explicit PlainChannel(int calls_per_second) : calls_per_second_(calls_per_second) {}

    [[nodiscard]] const ChannelName& name() const override { return name_; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order&) const override { return {}; }
    [[nodiscard]] Result<Submission> compose(const Withdrawal& w, Timestamp) const override {
        return Submission{std::to_string(w.order.amount.fen()) + " " + w.order.openid.text() + " " +
                              std::to_string(++composed_),
                          {}};
    }
    [[nodiscard]] int calls_per_second(CallKind) const override { return calls_per_second_; }

 private:
    int calls_per_second_;
    mutable std::uint64_t composed_ = 0;
    ChannelName name_ = ChannelName::parse("wechat").value();
    Destination destination_{"transfer-bills", Mchid::parse(WeChat::mchid).value(),
                             Appid::parse(WeChat::appid).value()};
};

}  // namespace tixian::sim
