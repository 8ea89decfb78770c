// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tixian::bank {

/// 34 digits beginning with 1330007, as real ones do.
[[nodiscard]] std::string make_transfer_bill_no(std::uint64_t counter);

/// `prefix` and the counter, filled with zeros to `length` digits.
[[nodiscard]] std::string make_number(std::string_view prefix, std::uint64_t counter, std::size_t length);

/// Base64 of real length, always with a `+`, a `/` and a `=`, so that a client that forgets to encode it is
/// found out.
[[nodiscard]] std::string make_package_info(std::uint64_t seed, std::uint64_t counter);

/// Shaped like a UUID.
[[nodiscard]] std::string make_event_id(std::uint64_t seed, std::uint64_t counter);

/// 64 well-mixed bits of both.
[[nodiscard]] std::uint64_t draw(std::uint64_t seed, std::uint64_t counter);

}  // namespace tixian::bank
