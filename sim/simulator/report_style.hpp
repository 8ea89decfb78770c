// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tixian::sim::page {

/// Text as HTML shows it.
[[nodiscard]] inline std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

inline constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667085; --line: #d0d5dd; --back: #fff; --card: #f7f8fa;
  --bad: #c8321f; --bad-back: #fdeceA; --good: #067647; --blue: #2563eb; --gold: #b7791f; --violet: #7c3aed; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #98a2b3; --line: #3a4350; --back: #14181d;
  --card: #1c2229; --bad: #ff7a66; --bad-back: #3a1d1a; --good: #47cd89; --blue: #7aa7ff; --gold: #f0b95a; --violet: #b794f6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 32px 24px 80px; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "WenQuanYi Micro Hei", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 36px 0 8px; }
p.soft, .soft { color: var(--soft); } code, pre { font: 13px/1.5 ui-monospace, Consolas, monospace; }
pre { background: var(--card); padding: 12px; overflow-x: auto; border-radius: 6px; white-space: pre-wrap; }
.verdict { border-left: 5px solid var(--bad); background: var(--bad-back); padding: 14px 18px; border-radius: 4px; margin: 16px 0; }
.verdict.good { border-color: var(--good); background: var(--card); } .verdict b { display: block; font-size: 17px; }
table { border-collapse: collapse; } td, th { padding: 3px 10px 3px 0; text-align: left; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; background: var(--card); border-radius: 6px; }
svg text { font: 12px system-ui, "WenQuanYi Micro Hei", sans-serif; fill: var(--ink); } svg .soft { fill: var(--soft); }
svg .lane { font-weight: 600; font-size: 13px; } svg .life { stroke: var(--line); } svg .arrow { stroke: var(--blue); fill: none; }
svg .bad { stroke: var(--bad); } svg text.bad { fill: var(--bad); stroke: none; } ul { padding-left: 20px; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin: 0 5px 0 14px; vertical-align: -1px; }
)";

[[nodiscard]] inline std::string begin(std::string_view title) {
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><title>" +
           escape(title) + "</title><style>" + std::string(style) + "</style></head><body>\n<h1>" +
           escape(title) + "</h1>\n";
}
[[nodiscard]] inline std::string end() { return "</body></html>\n"; }

}  // namespace tixian::sim::page
