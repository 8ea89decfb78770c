// SPDX-License-Identifier: MIT
#pragma once

namespace tixian::testing {

/// Thrown where a process is to die: whoever catches it drops all that lived in that process, and starts
/// another one on the same ledger.
struct Crash {};

}  // namespace tixian::testing
