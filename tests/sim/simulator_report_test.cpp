// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "simulator/campaign.hpp"
#include "simulator/report.hpp"
#include "simulator/shrink.hpp"

namespace tixian::sim {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

fs::path write(const std::string& name, const std::string& html) {
    const fs::path path = fs::path(TIXIAN_TEST_REPORTS) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << html;
    return path;
}

/// Looks at a page in headless Chromium (report_check.mjs says for what); 0 when all is well.
int look_at(const fs::path& page, const std::string& kind) {
    return std::system(
        ("node '" TIXIAN_SOURCE_DIR "/tests/sim/report_check.mjs' " + kind + " '" + page.string() + "'")
            .c_str());
}

/// Gives money back too early, so that R4 breaks.
Subject hasty() {
    Subject subject;
    subject.policy = Policy{};
    subject.policy->settling_refused = subject.policy->settling_in_doubt = std::chrono::seconds(1);
    return subject;
}

TEST(Report, OfAFailingSeedShowsItsLanesAndTheBrokenRule) {
    const Subject subject = hasty();
    const std::atomic<bool> is_stopped{false};
    const CampaignResult result = run_campaign({1, 1000, 2, std::nullopt, {}}, subject, is_stopped);
    ASSERT_TRUE(result.failure);
    const Shrunk shrunk = shrink(*result.failure, subject, {}, 30s);
    RunOptions options;
    options.writes_down = true;
    const sim::Run told = replay(shrunk.recipe.seed, shrunk.recipe.decisions, subject, options);

    const fs::path page =
        write("failing.html", run_page(told, shrunk.recipe, "tixian-sim --replay 'seed 1'"));

    EXPECT_EQ(look_at(page, "failing"), 0);
}

TEST(Report, OfAWholeRunShowsMishapsAndCoverage) {
    const std::atomic<bool> is_stopped{false};
    const CampaignResult result = run_campaign({1, 300, 2, std::nullopt, {}}, {}, is_stopped);

    const fs::path page = write("run.html", campaign_page(result, "tixian-sim --seeds 1..300"));

    EXPECT_EQ(look_at(page, "run"), 0);
}

TEST(Report, IsOneFileThatNeedsNothingElse) {
    RunOptions options;
    options.writes_down = true;
    const sim::Run run = simulate_and_keep(3, {}, options);

    const std::string html = run_page(run, {3, {}, run.decisions}, "tixian-sim --seed 3");

    for (const char* outside : {"src=", "http://", "https://", "@import", "url("})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

TEST(Report, ShowsTextAsText) {
    sim::Run run;
    run.seed = 1;
    run.violation = audit::Violation{4, "<script>alert(1)</script>", {}};
    run.lines.push_back({Timestamp{}, Lane::user, Lane::service, "<b>&\"", 0, true});

    const std::string html = run_page(run, {1, 4, {}}, "'<&>'");

    EXPECT_EQ(html.find("<script>"), std::string::npos);
    EXPECT_EQ(html.find("<b>&\""), std::string::npos);
    EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;"), std::string::npos);
}

}  // namespace
}  // namespace tixian::sim
