// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "simulator/report.hpp"
#include "simulator/report_style.hpp"
#include "tixian/local_time.hpp"

namespace tixian::sim {
namespace {

using page::escape;

constexpr std::array<std::string_view, 5> lanes{"Users and operators", "Service", "Ledger", "Network",
                                                "WeChat"};
constexpr std::array<int, 5> lane_x{170, 390, 590, 790, 1000};
constexpr int row_height = 30, head_height = 56;
constexpr std::size_t lines_max = 600;

std::string number(std::int64_t n) { return std::to_string(n); }
std::string yuan(std::int64_t fen) { return Money::from_fen(fen).value_or(Money()).yuan(); }

std::string since(Duration d) {
    const std::int64_t ms = d.count();
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    const std::string clock = two(ms / 3'600'000) + ":" + two(ms / 60'000 % 60) + ":" + two(ms / 1000 % 60);
    const std::string rest = std::to_string(1000 + ms % 1000);
    return clock + "." + rest.substr(1);
}

std::string text_at(int x, int y, std::string_view css, std::string_view anchor, std::string_view text) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + std::string(css) +
           "\" text-anchor=\"" + std::string(anchor) + "\">" + escape(text) + "</text>";
}

/// One line of the story: an arrow between two lanes with its words above, or a note on one.
std::string draw_line(const Line& line, int y) {
    const int from = lane_x[static_cast<std::size_t>(line.from)],
              to = lane_x[static_cast<std::size_t>(line.to)];
    const std::string css = line.is_mishap ? "bad" : "";
    std::string words = line.text;
    if (line.withdrawal) words = "#" + std::to_string(*line.withdrawal) + " " + words;
    std::string svg;
    if (from == to) {
        svg += "<circle cx=\"" + number(from) + "\" cy=\"" + number(y) + "\" r=\"4\" class=\"arrow " + css +
               "\"/>";
        const bool is_last = line.from == Lane::wechat;
        svg += text_at(is_last ? from - 10 : from + 10, y + 4, css, is_last ? "end" : "start", words);
        return svg;
    }
    const int tip = to > from ? to - 7 : to + 7;
    svg += "<path class=\"arrow " + css + "\" d=\"M" + number(from) + " " + number(y) + "H" + number(to) +
           "M" + number(tip) + " " + number(y - 4) + "L" + number(to) + " " + number(y) + "L" + number(tip) +
           " " + number(y + 4) + "\"/>";
    svg += text_at((from + to) / 2, y - 5, css, "middle", words);
    return svg;
}

std::string sequence(const std::vector<Line>& lines, Timestamp begin,
                     const std::optional<audit::Violation>& violation) {
    const int height = head_height + row_height * (static_cast<int>(lines.size()) + 2);
    std::string svg =
        "<svg id=\"sequence\" role=\"img\" aria-label=\"Who told whom what\" viewBox=\"0 0 1120 " +
        number(height) + "\">";
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        svg += text_at(lane_x[i], 24, "lane", "middle", lanes[i]);
        svg += "<line class=\"life\" x1=\"" + number(lane_x[i]) + "\" x2=\"" + number(lane_x[i]) +
               "\" y1=\"34\" y2=\"" + number(height - 14) + "\"/>";
    }
    int y = head_height;
    for (const Line& line : lines) {
        svg += text_at(8, y + 4, "soft", "start", since(line.at - begin)) + draw_line(line, y) + "\n";
        y += row_height;
    }
    if (violation) {
        svg += "<rect id=\"broken\" x=\"100\" y=\"" + number(y - 8) +
               "\" width=\"1012\" height=\"28\" rx=\"4\" fill=\"var(--bad-back)\" stroke=\"var(--bad)\"/>";
        svg += text_at(112, y + 11, "bad", "start",
                       "R" + std::to_string(violation->rule) + " breaks here: " + violation->what);
    }
    return svg + "</svg>\n";
}

struct Series {
    std::string_view name, color;
    std::int64_t (*value)(const MoneyAt&);
};
// Against what is in the wallets, one withdrawal could not be seen: so it is what was taken from them.
constexpr std::array<Series, 4> series{
    {{"taken from wallets", "var(--blue)", [](const MoneyAt& m) { return m.held + m.clearing + m.fees; }},
     {"held", "var(--gold)", [](const MoneyAt& m) { return m.held; }},
     {"booked as paid", "var(--violet)", [](const MoneyAt& m) { return m.clearing; }},
     {"really paid by WeChat", "var(--good)", [](const MoneyAt& m) { return m.paid; }}}};

/// Steps over the movements, in their order: in time most of them would fall on one point.
std::string money_chart(std::vector<MoneyAt> moneys, Timestamp begin) {
    // Of the deposits before the first withdrawal only the last is of interest.
    const auto first =
        std::find_if(moneys.begin(), moneys.end(), [](const MoneyAt& m) { return m.held != 0; });
    if (first - moneys.begin() > 1) moneys.erase(moneys.begin(), first - 1);
    constexpr int width = 1120, height = 220, left = 110, right = 20, top = 16, bottom = 28;
    std::int64_t most = 1;
    for (const MoneyAt& m : moneys)
        for (const Series& s : series) most = std::max(most, s.value(m));
    const auto count = static_cast<int>(moneys.size());
    const auto x = [&](int i) { return left + (width - left - right) * i / std::max(count, 1); };
    const auto y = [&](std::int64_t fen) {
        return top + static_cast<int>((most - fen) * (height - top - bottom) / most);
    };
    std::string svg = "<p>";
    for (const Series& s : series)
        svg += "<span class=\"key\" style=\"background:" + std::string(s.color) + "\"></span>" +
               std::string(s.name);
    svg +=
        "</p><svg id=\"money\" role=\"img\" aria-label=\"Money in each account\" viewBox=\"0 0 1120 220\">";
    for (const std::int64_t part : {std::int64_t{0}, most / 2, most}) {
        svg += "<line class=\"life\" x1=\"110\" x2=\"1100\" y1=\"" + number(y(part)) + "\" y2=\"" +
               number(y(part)) + "\"/>";
        svg += text_at(left - 8, y(part) + 4, "soft", "end", yuan(part));
    }
    for (const Series& s : series) {
        std::string path = "M" + number(x(0)) + " " + number(y(0));
        for (int i = 0; i < count; ++i)
            path += "V" + number(y(s.value(moneys[static_cast<std::size_t>(i)]))) + "H" + number(x(i + 1));
        // The first one is an area, so that those which run along its edge are seen.
        const bool is_area = &s == series.data();
        svg += "<path d=\"" + path + (is_area ? "V" + number(y(0)) + "Z" : std::string()) + "\" fill=\"" +
               std::string(is_area ? s.color : "none") +
               "\" fill-opacity=\"0.15\" stroke-width=\"2\" stroke=\"" +
               std::string(is_area ? "none" : s.color) + "\"/>";
    }
    for (int i = 0; i < count; i += std::max(1, (count + 6) / 7))
        svg +=
            text_at(x(i), height - 8, "soft", "start", since(moneys[static_cast<std::size_t>(i)].at - begin));
    return svg + "</svg>\n";
}

/// What is about the broken withdrawal, where all would be too much to read.
std::vector<Line> readable(const Run& run) {
    if (run.lines.size() <= lines_max) return run.lines;
    std::vector<Line> lines = run.lines;
    if (run.violation && run.violation->withdrawal)
        std::erase_if(lines, [&](const Line& line) {
            return line.withdrawal && line.withdrawal != run.violation->withdrawal;
        });
    if (lines.size() > lines_max)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(lines_max));
    return lines;
}

std::string verdict(const Run& run) {
    if (!run.violation)
        return "<div class=\"verdict good\"><b>All rules held.</b>Every withdrawal that no person holds back "
               "is final, and the "
               "books agree with WeChat's statement.</div>\n";
    std::string text = "<div class=\"verdict\" id=\"verdict\"><b>R" + std::to_string(run.violation->rule) +
                       " broke: " + escape(run.violation->what) + "</b>";
    if (run.violation->withdrawal) text += "Withdrawal #" + std::to_string(*run.violation->withdrawal) + ". ";
    return text + "The rule: " + escape(sentence_of(run.violation->rule)) + "</div>\n";
}

}  // namespace

std::string_view sentence_of(int rule) {
    constexpr std::array<std::string_view, 15> sentences{
        "A withdrawal keeps its number, its merchant and its payee for ever.",
        "Each submit is stored before it is sent, repeats its content, and is not sent late.",
        "What is in doubt has not failed and has not succeeded: only WeChat's word books it.",
        "Held money goes back only on proof that it was not paid and never will be, or by a person at the "
        "version he saw.",
        "NOT_FOUND means: submit the same number again.",
        "What is final stays so, and facts only advance.",
        "Trouble of the merchant's account is not the user's failure; the channel's rate is kept.",
        "The same key gets the same answer, for ever.",
        "Limits hold, also for requests at once, and nothing else stands in the way.",
        "Money is whole fen.",
        "Books balance: held money is what is not final, and no wallet falls below zero.",
        "Once faults stop, everything ends that no person holds back.",
        "Nothing unverified moves money, and WeChat is told only of what is stored.",
        "Every answer is read by one table; what it does not know is unknown.",
        "A commit in doubt is finished, not guessed."};
    return rule >= 1 && rule <= 15 ? sentences[static_cast<std::size_t>(rule - 1)] : std::string_view();
}

std::string run_page(const Run& run, const Recipe& recipe, std::string_view command) {
    const Setup& setup = *run.setup;
    std::string html = page::begin("tixian-sim, seed " + std::to_string(run.seed));
    html +=
        "<p class=\"soft\">A world of users, a payout service in several processes, its ledger, a network "
        "and WeChat, in which "
        "things go wrong by a seed. Red is what went wrong; #3 is the fourth withdrawal.</p>\n" +
        verdict(run);
    html += "<h2>Run it again</h2><pre>" + escape(command) + "</pre>\n";
    html +=
        "<h2>The money</h2><p class=\"soft\">All users together, in yuan, after each movement. What was "
        "taken from wallets "
        "is held, or booked as paid, or a fee; what WeChat really paid must be what is booked.</p>\n" +
        money_chart(run.moneys, setup.begins_at);
    html += "<h2>What happened</h2><p class=\"soft\">Time since the beginning, " +
            format_rfc3339(setup.begins_at) + ".</p>\n";
    html += sequence(readable(run), setup.begins_at, run.violation);
    html += "<h2>What was decided</h2><p class=\"soft\">Everything else went as by default.</p><pre>" +
            escape(to_text(recipe)) + "</pre>\n";
    html += "<h2>What was drawn</h2><ul>";
    for (const std::string& line : describe(setup)) html += "<li>" + escape(line) + "</li>";
    return html + "</ul>\n" + page::end();
}

}  // namespace tixian::sim
