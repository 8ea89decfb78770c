// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tixian/channel.hpp"

namespace tixian {

/// A channel whose submissions say no more than whom they pay.
class PlainChannel : public Channel {
 public:
    explicit PlainChannel(bool can_cancel = true) : can_cancel_(can_cancel) {}

    [[nodiscard]] const ChannelName& name() const override { return name_; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order& order) const override {
        if (order.remark == "too long")
            return refuse(ErrorCode::invalid_argument, "remark is too long", "remark");
        return {};
    }
    [[nodiscard]] Result<Submission> compose(const Withdrawal& w, Timestamp) const override {
        return Submission{"pay " + w.id.text(), ""};
    }
    [[nodiscard]] bool can_cancel() const override { return can_cancel_; }

 private:
    bool can_cancel_;
    ChannelName name_ = ChannelName::parse("wechat").value();
    Destination destination_{"transfer-bills", Mchid::parse("1900000001").value(),
                             Appid::parse("wx1").value()};
};

}  // namespace tixian
