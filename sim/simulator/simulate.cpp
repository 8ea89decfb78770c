// SPDX-License-Identifier: MIT
#include "simulator/simulate.hpp"

#include <utility>

#include "simulator/world.hpp"

namespace tixian::sim {
namespace {

Run run(std::uint64_t seed, Choices choices, const Subject& subject, const RunOptions& options) {
    Setup setup = draw_setup(seed, {subject.policy, options.allows_full_protocol, options.has_faults});
    if (subject.make_protocol) setup.is_full_protocol = true;
    setup.scenario = options.scenario;
    World world(setup, choices, subject, options.has_auditor);
    Run run;
    if (options.writes_down) {
        world.write_down();
        run.setup = setup;
    }
    world.run();
    Stage& stage = world.stage();
    run.seed = seed;
    run.trace_hash = stage.trace.hash();
    run.violation = world.violation();
    run.ended_at = stage.now;
    run.tally = std::move(stage.tally);
    run.decisions = choices.kept();
    run.lines = std::move(stage.trace.lines());
    run.moneys = std::move(stage.trace.moneys());
    return run;
}

}  // namespace

Run simulate(std::uint64_t seed, const Subject& subject, const RunOptions& options) {
    return run(seed, Choices(seed), subject, options);
}

Run simulate_and_keep(std::uint64_t seed, const Subject& subject, const RunOptions& options) {
    Choices choices(seed);
    choices.keep();
    return run(seed, std::move(choices), subject, options);
}

Run replay(std::uint64_t seed, const std::vector<Decision>& decisions, const Subject& subject,
           const RunOptions& options) {
    return run(seed, Choices(decisions), subject, options);
}

}  // namespace tixian::sim
