// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "simulator/campaign.hpp"
#include "simulator/shrink.hpp"

namespace tixian::sim {

/// What a rule says, in one sentence for whoever never heard of it.
[[nodiscard]] std::string_view sentence_of(int rule);

/// One self-contained HTML page about one seed: what was drawn, who told whom what, the money over time, and
/// which rule broke where. `run` must have been written down.
[[nodiscard]] std::string run_page(const Run& run, const Recipe& recipe, std::string_view command);

/// The same about many seeds: counts, mishaps by kind, and what happened in which state.
[[nodiscard]] std::string campaign_page(const CampaignResult& result, std::string_view command);

}  // namespace tixian::sim
