// SPDX-License-Identifier: MIT
#pragma once

#include "tixian/call.hpp"
#include "tixian/change.hpp"

namespace tixian {

/// Sees what happens, for logs and metrics. Called by the thread that did it, after the commit; must not
/// throw.
class Observer {
 public:
    virtual ~Observer() = default;
    /// A step was committed.
    virtual void on_step(const Step& step) { static_cast<void>(step); }
    /// A call was answered; before the answer is recorded.
    virtual void on_answer(const Answer& answer) { static_cast<void>(answer); }
};

}  // namespace tixian
