// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "simulator/report.hpp"
#include "simulator/report_style.hpp"

namespace tixian::sim {
namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }

std::string fact(std::string_view what, std::uint64_t n) {
    return "<tr><td>" + page::escape(what) + "</td><td class=\"number\">" + number(n) + "</td></tr>";
}

/// How many digits a count has, in halves: what a bar's length and a cell's shade go by.
int magnitude(std::uint64_t n) {
    int halves = 0;
    for (; n >= 10; n /= 10) halves += 2;
    return n == 0 ? 0 : halves + (n >= 3 ? 2 : 1);
}

std::string mishap_chart(const Tally& tally) {
    constexpr int row = 20;
    const int height = row * static_cast<int>(mishap_count) + 12;
    std::string svg = "<svg id=\"mishaps\" role=\"img\" aria-label=\"Mishaps by kind\" viewBox=\"0 0 1120 " +
                      std::to_string(height) + "\">";
    for (std::size_t i = 0; i < mishap_count; ++i) {
        const std::string y = std::to_string(row * static_cast<int>(i) + 20);
        const int length = magnitude(tally.mishaps[i]) * 48;
        std::string name(mishap_text.names[i]);
        std::replace(name.begin(), name.end(), '_', ' ');
        svg += "<text x=\"230\" y=\"" + y + "\" text-anchor=\"end\">" + name + "</text><rect x=\"240\" y=\"" +
               std::to_string(row * static_cast<int>(i) + 9) + "\" height=\"13\" rx=\"2\" width=\"" +
               std::to_string(length) + "\" fill=\"var(--blue)\"/><text class=\"soft\" x=\"" +
               std::to_string(248 + length) + "\" y=\"" + y + "\">" + number(tally.mishaps[i]) + "</text>";
    }
    return svg + "</svg>\n";
}

std::string coverage_chart(const Tally& tally) {
    constexpr std::array<std::string_view, state_count> states{
        "in review", "held", "submitting", "live", "cancelling", "succeeded", "failed", "cancelled"};
    constexpr int row = 22, left = 210, column = 112;
    const int height = row * static_cast<int>(tally.coverage.size()) + 40;
    std::string svg =
        "<svg id=\"coverage\" role=\"img\" aria-label=\"What happened in which state\" viewBox=\"0 0 1120 " +
        std::to_string(height) + "\">";
    for (std::size_t i = 0; i < state_count; ++i)
        svg += "<text class=\"lane\" x=\"" +
               std::to_string(left + column * static_cast<int>(i) + column / 2) +
               "\" y=\"20\" text-anchor=\"middle\">" + std::string(states[i]) + "</text>";
    int y = 32;
    for (const auto& [event, counts] : tally.coverage) {
        std::string name(event);
        std::replace(name.begin(), name.end(), '_', ' ');
        svg += "<text x=\"" + std::to_string(left - 10) + "\" y=\"" + std::to_string(y + 15) +
               "\" text-anchor=\"end\">" + name + "</text>";
        for (std::size_t i = 0; i < state_count; ++i) {
            if (counts[i] == 0) continue;
            const int x = left + column * static_cast<int>(i);
            const int shade = 12 + std::min(magnitude(counts[i]), 14) * 5;
            svg += "<rect x=\"" + std::to_string(x + 2) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
                   std::to_string(column - 4) +
                   "\" height=\"19\" rx=\"3\" fill=\"color-mix(in srgb, var(--blue) " +
                   std::to_string(shade) + "%, var(--card))\"/><text x=\"" + std::to_string(x + column / 2) +
                   "\" y=\"" + std::to_string(y + 14) + "\" text-anchor=\"middle\">" + number(counts[i]) +
                   "</text>";
        }
        y += row;
    }
    return svg + "</svg>\n";
}

}  // namespace

std::string campaign_page(const CampaignResult& result, std::string_view command) {
    const Tally& t = result.tally;
    std::string html = page::begin("tixian-sim, " + number(result.seeds_done) + " seeds");
    if (result.failure)
        html += "<div class=\"verdict\" id=\"verdict\"><b>R" +
                std::to_string(result.failure->violation->rule) + " broke in seed " +
                number(result.failure->seed) + ": " + page::escape(result.failure->violation->what) +
                "</b></div>\n";
    else
        html += "<div class=\"verdict good\"><b>All rules held in every world.</b></div>\n";
    html += "<pre>" + page::escape(command) + "</pre><table>" + fact("withdrawals", t.withdrawals) +
            fact("of them final at the end", t.final_ones) + fact("worlds", t.worlds) +
            fact("of them with real signatures", t.full_protocol_worlds) + fact("calls to WeChat", t.calls) +
            fact("stored changes", t.steps) + fact("events", t.events) + "</table>\n";
    html +=
        "<h2>What went wrong, and how often</h2><p class=\"soft\">Each longer bar is ten times as "
        "many.</p>\n" +
        mishap_chart(t);
    html +=
        "<h2>What happened in which state</h2><p class=\"soft\">Empty cells never happened in this "
        "run.</p>\n" +
        coverage_chart(t);
    return html + page::end();
}

}  // namespace tixian::sim
