// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tixian::bench {

/// What one connection sends, one after the other, each when the answer to the one before is there.
using Script = std::vector<std::string>;

/// Plays a script on a connection of its own each, all from one thread, so that the load costs the same
/// whoever answers; answers how many were answered a second. Throws at the first answer that is not 200.
[[nodiscard]] double answers_a_second(int port, const std::vector<Script>& scripts);

/// Head and body of the answer to one request.
[[nodiscard]] std::string answer_to(int port, const std::string& request);

}  // namespace tixian::bench
