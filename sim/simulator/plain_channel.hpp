// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "simulator/wechat.hpp"
#include "tixian/channel.hpp"

namespace tixian::sim {

/// The channel where signatures are stubbed: a submission is amount and payee, and nothing else.
class PlainChannel : public Channel {
 public:
    explicit PlainChannel(int calls_per_second) : calls_per_second_(calls_per_second) {}

    [[nodiscard]] const ChannelName& name() const override { return name_; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order&) const override { return {}; }
    [[nodiscard]] Result<Submission> compose(const Withdrawal& w, Timestamp) const override {
        return Submission{std::to_string(w.order.amount.fen()) + " " + w.order.openid.text(), {}};
    }
    [[nodiscard]] int calls_per_second(CallKind) const override { return calls_per_second_; }

 private:
    int calls_per_second_;
    ChannelName name_ = ChannelName::parse("wechat").value();
    Destination destination_{"transfer-bills", Mchid::parse(WeChat::mchid).value(),
                             Appid::parse(WeChat::appid).value()};
};

}  // namespace tixian::sim
