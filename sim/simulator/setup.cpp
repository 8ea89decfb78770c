// SPDX-License-Identifier: MIT
#include "simulator/setup.hpp"

#include <iterator>

#include "simulator/choices.hpp"
#include "tixian/local_time.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

/// A row of numbers from a seed.
class Dice {
 public:
    explicit Dice(std::uint64_t seed) : seed_(mix(seed, 0x5E70)) {}
    [[nodiscard]] std::uint32_t below(std::uint32_t count) {
        return static_cast<std::uint32_t>((mix(seed_, ++rolls_) >> 32) * count >> 32);
    }
    [[nodiscard]] bool one_in(std::uint32_t n) { return below(n) == 0; }
    template <class T, std::size_t N>
    [[nodiscard]] T one_of(const T (&values)[N]) {
        return values[below(N)];
    }

 private:
    std::uint64_t seed_, rolls_ = 0;
};

std::optional<Money> perhaps(Dice& dice, std::uint32_t least, std::uint32_t most) {
    if (!dice.one_in(4)) return std::nullopt;
    return Money::from_fen(least + dice.below(most - least)).value();
}

Terms draw_terms(Dice& dice) {
    Terms terms;
    terms.minimum = 10_fen;
    terms.single_max = Money::from_fen(20'000 + dice.below(100'000)).value();
    terms.day_amount_max = perhaps(dice, 20'000, 100'000);
    if (dice.one_in(4)) terms.day_count_max = 2 + dice.below(5);
    terms.month_amount_max = perhaps(dice, 30'000, 200'000);
    terms.merchant_day_max = perhaps(dice, 40'000, 300'000);
    if (dice.one_in(6)) terms.minimum_interval = dice.one_of({Duration(10s), Duration(10min)});
    terms.review_from = perhaps(dice, 500, 9'000);
    if (dice.one_in(2)) {
        terms.fee.flat = Money::from_fen(dice.below(30)).value();
        terms.fee.parts_per_million = dice.below(10'000);
        terms.fee.minimum = Money::from_fen(dice.below(20)).value();
        if (dice.one_in(2)) terms.fee.maximum = Money::from_fen(20 + dice.below(300)).value();
        if (dice.one_in(2)) terms.fee.free_per_month = Money::from_fen(dice.below(60'000)).value();
    }
    return terms;
}

/// Where days, months and years end. 2025-11-30T15:50:00Z is ten minutes to midnight in China.
Timestamp draw_begin(Dice& dice) {
    static constexpr const char* ends[] = {"2025-12-01T00:00:00+08:00", "2026-01-01T00:00:00+08:00",
                                           "2026-03-01T00:00:00+08:00", "2026-03-15T00:00:00+08:00"};
    const Timestamp end = parse_rfc3339(dice.one_of(ends)).value();
    if (dice.one_in(2)) return end - Duration(dice.below(20 * 60'000));
    return end - Duration(24h) + Duration(dice.below(86'400'000));
}

Policy draw_policy(Dice& dice) {
    Policy policy;
    // A shorter settling time, which WeChat then keeps too, lets late things meet more often.
    policy.settling_in_doubt = dice.one_of({Duration(24h), Duration(24h), Duration(2h), Duration(40min)});
    policy.backoff_max = dice.one_of({Duration(10min), Duration(1h), Duration(3h), Duration(3h)});
    policy.backoff_first = dice.one_of({Duration(2s), Duration(10s), Duration(1min)});
    // Where everything settles soon, WeChat's memory may end soon, too.
    if (policy.settling_in_doubt <= 2h && dice.one_in(3)) policy.horizon = Duration(8h);
    if (dice.one_in(4)) policy.watch_second = Duration(3h);
    return policy;
}

enum class Needs { nothing, mishaps_after_all_has_settled, requests_at_once };
/// What has to meet before money can be lost. Alone such mishaps are seldom seen together.
struct Story {
    std::array<Mishap, 4> mishaps;
    Needs needs = Needs::nothing;
};
constexpr Story stories[] = {
    // An attempt is executed long after a later one was refused.
    {{Mishap::executed_later, Mishap::quota_refused, Mishap::not_yet_visible, Mishap::not_enough}},
    // An attempt is executed, nobody hears of it, and the next one is refused.
    {{Mishap::error_though_executed, Mishap::quota_refused, Mishap::not_yet_visible, Mishap::answer_lost}},
    // Somebody wants it back while something is on its way.
    {{Mishap::executed_later, Mishap::user_cancels, Mishap::request_delayed, Mishap::rate_limited}},
    // The merchant's money is gone, and the user wants his back.
    {{Mishap::not_enough, Mishap::user_cancels_meanwhile, Mishap::answer_delayed, Mishap::request_delayed}},
    // WeChat does not know any more what it said.
    {{Mishap::bill_forgotten, Mishap::user_cancels, Mishap::user_confirms_late, Mishap::notification_lost},
     Needs::mishaps_after_all_has_settled},
    // Somebody wants it back, what was on its way is executed after all, and a query does not find it.
    {{Mishap::query_misses, Mishap::executed_later, Mishap::user_cancels_meanwhile, Mishap::request_delayed},
     Needs::mishaps_after_all_has_settled},
    // An answer is recorded after newer ones.
    {{Mishap::pause_before_recording, Mishap::state_lags, Mishap::answer_lost,
      Mishap::user_cancels_meanwhile}},
    // A refusal that WeChat never signed.
    {{Mishap::refused_by_proxy, Mishap::not_yet_visible, Mishap::user_cancels, Mishap::executed_later}},
    // What came of an attempt is never recorded.
    {{Mishap::crash_after_answer, Mishap::executed_later, Mishap::quota_refused, Mishap::user_cancels}},
    // An answer is old when it is recorded.
    {{Mishap::pause_before_recording, Mishap::executed_later, Mishap::quota_refused, Mishap::query_misses},
     Needs::mishaps_after_all_has_settled},
    // The same request twice at once.
    {{Mishap::request_sent_again, Mishap::another_comes_between, Mishap::request_changed,
      Mishap::commit_conflicts},
     Needs::requests_at_once},
    // A commit in doubt, and somebody else is faster.
    {{Mishap::commit_lost_before, Mishap::commit_lost_after, Mishap::another_comes_between,
      Mishap::two_workers}},
    // Notifications that contradict and repeat each other.
    {{Mishap::notification_repeated, Mishap::notification_late, Mishap::notification_contradicting,
      Mishap::bill_fails}},
    // People who decide at once, and on what is old.
    {{Mishap::operator_looks_at_old, Mishap::operator_cancels, Mishap::user_cancels,
      Mishap::another_comes_between}},
};

void draw_chances(Dice& dice, Setup& setup, bool has_own_policy) {
    // How many kinds of mishaps there are, and how often they come: a world where everything fails is long,
    // and little of it is about money.
    const std::uint32_t crowd = dice.below(4);
    const std::uint32_t often = dice.one_of({2U, 3U, 3U, 4U});
    for (std::size_t i = 0; i < mishap_count; ++i) {
        const bool exists = dice.below(8) < 1 + crowd;
        constexpr std::array chances{300U, 2'000U, 6'000U, 24'000U};
        const std::uint32_t chance = chances[dice.below(often)];
        if (exists) setup.chance[i] = chance;
    }
    const auto at_most = [&](Mishap m, std::uint32_t most) {
        auto& chance = setup.chance[static_cast<std::size_t>(m)];
        chance = std::min(chance, most);
    };
    // Each of these makes a withdrawal long, so that few others fit into the same time.
    at_most(Mishap::user_never_confirms, 4'000);
    at_most(Mishap::user_confirms_late, 6'000);
    at_most(Mishap::user_cancels_meanwhile, 6'000);
    at_most(Mishap::read_fails, 8'000);
    at_most(Mishap::crash_in_commit, 8'000);
    at_most(Mishap::another_comes_between, 24'000);
    if (dice.one_in(2)) return;
    const Story& story = stories[dice.below(std::size(stories))];
    const std::uint32_t chance = dice.one_of({12'000U, 20'000U, 40'000U});
    for (const Mishap mishap : story.mishaps) setup.chance[static_cast<std::size_t>(mishap)] = chance;
    // What comes back at the next question was not forgotten.
    if (story.mishaps.front() == Mishap::bill_forgotten)
        setup.chance[static_cast<std::size_t>(Mishap::bill_forgotten)] = 52'000;
    // What somebody on the way says counts only where WeChat signs no errors itself.
    if (story.mishaps.front() == Mishap::refused_by_proxy) setup.unsigned_errors |= !dice.one_in(3);
    if (story.needs == Needs::requests_at_once) {
        setup.orders_within = 2s;
        setup.users = 1;
        for (Terms& terms : setup.terms)
            terms.fee.free_per_month = Money::from_fen(2'000 + dice.below(20'000)).value();
    }
    if (story.needs != Needs::mishaps_after_all_has_settled) return;
    setup.faults_within = setup.orders_within + 30h;
    if (!has_own_policy) setup.settles_within = setup.policy.settling_in_doubt = 40min;
}

}  // namespace

Setup draw_setup(std::uint64_t seed, const SetupOptions& options) {
    Dice dice(seed);
    Setup setup;
    setup.seed = seed;
    setup.is_full_protocol = dice.one_in(64) && options.allows_full_protocol;
    setup.users = 1 + dice.below(4);
    setup.orders = setup.is_full_protocol ? 2 + dice.below(4) : dice.one_of({4U, 12U, 24U, 64U});
    setup.processes = 1 + dice.below(3);
    setup.begins_at = draw_begin(dice);
    setup.orders_within = dice.one_of({Duration(2s), Duration(1min), Duration(1h), Duration(12h)});
    setup.faults_within =
        setup.orders_within + dice.one_of({Duration(1min), Duration(1h), Duration(6h), Duration(30h)});
    setup.policy = draw_policy(dice);
    // WeChat keeps what docs/money-safety.md assumes, whatever a policy of one's own believes.
    setup.settles_within = options.policy ? Duration(24h) : setup.policy.settling_in_doubt;
    if (options.policy) setup.policy = *options.policy;
    const std::uint32_t kinds_of_terms = 1 + dice.below(2);
    for (std::uint32_t i = 0; i < kinds_of_terms; ++i) setup.terms.push_back(draw_terms(dice));
    setup.claims_max = dice.one_of({1U, 2U, 8U});
    setup.calls_per_second = dice.one_of({0, 0, 2, 20});
    setup.gives_up_after = dice.one_of({Duration(5s), Duration(20s), Duration(60s)});
    setup.bill_step = dice.one_of({Duration(0), Duration(50), Duration(3s), Duration(2min)});
    setup.refuses_without_money = !dice.one_in(3);
    setup.unsigned_errors = dice.one_in(8);
    setup.signs_absence = dice.one_in(2);
    if (options.has_faults) draw_chances(dice, setup, options.policy.has_value());
    if (options.has_faults && setup.is_full_protocol) {
        // What only the full protocol can show has few worlds to happen in.
        for (const Mishap m : {Mishap::notification_forged, Mishap::wrong_signature, Mishap::key_rotated})
            setup.chance[static_cast<std::size_t>(m)] = 20'000;
    }
    return setup;
}

namespace {

std::string span(Duration d) {
    const auto ms = d.count();
    if (ms != 0 && ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + " h";
    if (ms != 0 && ms % 60'000 == 0) return std::to_string(ms / 60'000) + " min";
    if (ms != 0 && ms % 1'000 == 0) return std::to_string(ms / 1'000) + " s";
    return std::to_string(ms) + " ms";
}

std::string limit(const char* name, const std::optional<Money>& money) {
    return money ? std::string(", ") + name + " " + money->yuan() : std::string();
}

std::string describe(const Terms& t) {
    std::string text = "terms: " + t.minimum.yuan() + " to " + t.single_max.yuan() + " yuan";
    text += limit("a day", t.day_amount_max) + limit("a month", t.month_amount_max) +
            limit("all users a day", t.merchant_day_max) + limit("review from", t.review_from);
    if (t.day_count_max) text += ", " + std::to_string(*t.day_count_max) + " times a day";
    if (t.minimum_interval > Duration{0}) text += ", " + span(t.minimum_interval) + " apart";
    const Fee& f = t.fee;
    if (f.flat.is_positive() || f.parts_per_million > 0 || f.minimum.is_positive())
        text += ", fee " + f.flat.yuan() + " and " + std::to_string(f.parts_per_million) + " millionths" +
                limit("at most", f.maximum) + ", free a month " + f.free_per_month.yuan();
    return text;
}

}  // namespace

std::vector<std::string> describe(const Setup& s) {
    std::vector<std::string> lines;
    lines.push_back(std::to_string(s.users) + " users, " + std::to_string(s.orders) + " requests within " +
                    span(s.orders_within) + ", " + std::to_string(s.processes) + " processes; begins " +
                    format_rfc3339(s.begins_at));
    lines.push_back("faults for " + span(s.faults_within) + "; then everything has to end");
    lines.push_back("settling " + span(s.policy.settling_in_doubt) + " in doubt, back-off to " +
                    span(s.policy.backoff_max) + ", horizon " + span(s.policy.horizon) +
                    "; a worker claims " + std::to_string(s.claims_max) + ", waits " +
                    span(s.gives_up_after) + " for an answer");
    lines.push_back("WeChat: " + span(s.bill_step) + " a step, " +
                    (s.refuses_without_money ? "refuses" : "keeps") + " what it has no money for, " +
                    (s.unsigned_errors ? "leaves errors unsigned" : "signs errors") + ", " +
                    (s.calls_per_second == 0
                         ? "takes any number of calls"
                         : "takes " + std::to_string(s.calls_per_second) + " calls of a kind in a second"));
    lines.push_back(s.is_full_protocol ? "full protocol: HTTP, JSON, RSA, AES" : "signatures stubbed");
    for (const Terms& t : s.terms) lines.push_back(describe(t));
    for (std::size_t i = 0; i < mishap_count; ++i) {
        if (s.chance[i] == 0) continue;
        lines.push_back(std::string(mishap_text.names[i]) + ": " +
                        std::to_string(s.chance[i] * 1'000 / 65'536) + " in 1000");
    }
    return lines;
}

}  // namespace tixian::sim
