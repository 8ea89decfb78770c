// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "tixian/call.hpp"
#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian {

/// A way out: a name, where its payouts go, and how their content is written. No I/O. Thread-safe.
class Channel {
 public:
    virtual ~Channel() = default;

    [[nodiscard]] virtual const ChannelName& name() const = 0;
    [[nodiscard]] virtual const Destination& destination() const = 0;
    /// Refuses an order that this channel could never carry out, naming the field.
    [[nodiscard]] virtual Result<void> check(const Order& order) const = 0;
    /// Refuses a payee's plain name that this channel could not send. One that sends no names refuses all.
    [[nodiscard]] virtual Result<void> check_name(std::string_view) const {
        return refuse(ErrorCode::invalid_argument, "this channel takes no real name", "real_name");
    }
    /// The content of the first submit, which every later one repeats byte for byte (R2). `now` decides which
    /// keys are valid.
    [[nodiscard]] virtual Result<Submission> compose(const Withdrawal& withdrawal, Timestamp now) const = 0;
    /// The stored content with its ciphertext made anew, where the other side no longer accepts the key that
    /// made it; nullopt while it does (R2).
    [[nodiscard]] virtual Result<std::optional<Submission>> renew(const Withdrawal&, Timestamp) const {
        return std::optional<Submission>{};
    }
    /// Whether the other side can be asked to cancel. Where it cannot, a withdrawal that is wanted back is
    /// not submitted again, and is asked after until WeChat's word ends it.
    [[nodiscard]] virtual bool can_cancel() const { return true; }
    /// How many calls of this kind the other side takes in a second, of all servers together (R7); 0 for any
    /// number.
    [[nodiscard]] virtual int calls_per_second(CallKind) const { return 0; }
};

}  // namespace tixian
