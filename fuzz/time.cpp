// SPDX-License-Identifier: MIT
// Times of RFC 3339: what is accepted, printed and read again is the same moment.
#include "tixian/local_time.hpp"

#include "input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tixian;  // NOLINT: this is the program
    const std::string_view input = fuzz::Input(data, size).rest();
    const auto time = parse_rfc3339(input);
    if (!time) return 0;

    const std::string printed = format_rfc3339(*time);
    const bool has_four_digits =
        printed.front() != '-' && printed[4] == '-';  // the zone may lead out of the years 0 to 9999
    if (!has_four_digits) return 0;
    fuzz::require(parse_rfc3339(printed) == *time, "what is printed is the same moment");
    fuzz::require(format_rfc3339(parse_rfc3339(printed).value()) == printed,
                  "a moment is printed in one way");
    fuzz::require(next_day(*time) > *time && next_month(*time) > *time, "time goes on");
    return 0;
}
