// SPDX-License-Identifier: MIT
#include "simulator/shrink.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tixian::sim {
namespace {

using Steady = std::chrono::steady_clock;

class Shrinker {
 public:
    Shrinker(const Run& run, const Subject& subject, const RunOptions& options,
             std::chrono::milliseconds time_max)
        : seed_(run.seed),
          rule_(run.violation->rule),
          subject_(subject),
          options_(options),
          ends_at_(Steady::now() + time_max) {}

    [[nodiscard]] std::vector<Decision> shrink(std::vector<Decision> decisions) {
        if (!still_fails(decisions)) return decisions;
        // What can go depends on what else is there, so both are tried until neither finds anything.
        for (std::size_t before = decisions.size() + 1; decisions.size() < before && !is_over();) {
            before = decisions.size();
            decisions = without_chunks(without_others(std::move(decisions)));
        }
        return with_smaller_values(std::move(decisions));
    }
    [[nodiscard]] int tries() const { return tries_; }

 private:
    [[nodiscard]] bool is_over() const { return Steady::now() >= ends_at_; }

    [[nodiscard]] bool still_fails(const std::vector<Decision>& decisions) {
        ++tries_;
        const Run run = replay(seed_, decisions, subject_, options_);
        return run.violation && run.violation->rule == rule_;
    }

    /// Whole withdrawals at once, and whole kinds of mishaps.
    [[nodiscard]] std::vector<Decision> without_others(std::vector<Decision> decisions) {
        std::set<std::uint32_t> subjects;
        std::set<Site> sites;
        for (const Decision& d : decisions) {
            subjects.insert(d.subject);
            sites.insert(d.site);
        }
        for (const std::uint32_t subject : subjects)
            decisions =
                without(std::move(decisions), [&](const Decision& d) { return d.subject == subject; });
        for (const Site site : sites)
            decisions = without(std::move(decisions), [&](const Decision& d) { return d.site == site; });
        return decisions;
    }

    template <class Matches>
    [[nodiscard]] std::vector<Decision> without(std::vector<Decision> decisions, const Matches& matches) {
        if (is_over()) return decisions;
        std::vector<Decision> fewer = decisions;
        std::erase_if(fewer, matches);
        return fewer.size() < decisions.size() && still_fails(fewer) ? fewer : decisions;
    }

    [[nodiscard]] std::vector<Decision> without_chunks(std::vector<Decision> decisions) {
        for (std::size_t chunk = std::max<std::size_t>(decisions.size() / 2, 1);; chunk /= 2) {
            for (std::size_t at = 0; at < decisions.size() && !is_over();) {
                std::vector<Decision> fewer = decisions;
                const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
                fewer.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, fewer.size() - at)));
                if (still_fails(fewer))
                    decisions = std::move(fewer);
                else
                    at += chunk;
            }
            if (chunk <= 1) return decisions;
        }
    }

    [[nodiscard]] std::vector<Decision> with_smaller_values(std::vector<Decision> decisions) {
        for (Decision& decision : decisions) {
            while (decision.value > 1 && !is_over()) {
                const std::uint32_t before = decision.value;
                decision.value = before / 2;
                if (still_fails(decisions)) continue;
                decision.value = before;
                break;
            }
        }
        return decisions;
    }

    std::uint64_t seed_;
    int rule_;
    const Subject& subject_;
    RunOptions options_;
    Steady::time_point ends_at_;
    int tries_ = 0;
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

bool read_item(const std::vector<std::string_view>& words, Recipe& recipe) {
    if (words.size() == 2 && words[0] == "seed") return read_number(words[1], recipe.seed);
    if (words.size() == 2 && words[0] == "scenario") {
        recipe.scenario = words[1];
        return true;
    }
    if (words.size() == 2 && words[0] == "breaks" && words[1].starts_with("R")) {
        int rule = 0;
        recipe.rule = rule;
        return read_number(words[1].substr(1), *recipe.rule) && *recipe.rule >= 1 && *recipe.rule <= 15;
    }
    if (words.size() != 4) return false;
    const auto site = parse_site(words[0]);
    Decision d;
    if (!site || !read_number(words[1], d.subject) || !read_number(words[2], d.nth) ||
        !read_number(words[3], d.value))
        return false;
    d.site = *site;
    recipe.decisions.push_back(d);
    return true;
}

}  // namespace

std::string to_text(const Recipe& recipe, char between) {
    std::string text = "seed " + std::to_string(recipe.seed) + between;
    if (recipe.rule) text += "breaks R" + std::to_string(*recipe.rule) + between;
    if (!recipe.scenario.empty()) text += "scenario " + recipe.scenario + between;
    for (const Decision& d : recipe.decisions)
        text += std::string(name(d.site)) + ' ' + std::to_string(d.subject) + ' ' + std::to_string(d.nth) +
                ' ' + std::to_string(d.value) + between;
    return text;
}

Result<Recipe> parse_recipe(std::string_view text) {
    Recipe recipe;
    bool has_seed = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(";\n"), text.size());
        std::string_view item = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        item = item.substr(0, item.find('#'));
        const auto words = words_of(item);
        if (words.empty()) continue;
        if (!read_item(words, recipe))
            return refuse(ErrorCode::malformed,
                          "cannot read \"" + std::string(item) + "\" in what is to be replayed", "replay");
        has_seed |= words[0] == "seed";
    }
    if (!has_seed) return refuse(ErrorCode::malformed, "what is to be replayed names no seed", "seed");
    return recipe;
}

Shrunk shrink(const Run& run, const Subject& subject, const RunOptions& options,
              std::chrono::milliseconds time_max) {
    RunOptions quick = options;
    quick.writes_down = false;
    const Run kept = simulate_and_keep(run.seed, subject, quick);
    Shrinker shrinker(run, subject, quick, time_max);
    Shrunk shrunk;
    shrunk.decisions_before = kept.decisions.size();
    shrunk.recipe = {run.seed, run.violation->rule, shrinker.shrink(kept.decisions)};
    shrunk.tries = shrinker.tries();
    return shrunk;
}

}  // namespace tixian::sim
