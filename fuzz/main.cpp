// SPDX-License-Identifier: MIT
// Replays inputs: what stands for libFuzzer wherever that is not linked, and what the test suite runs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "input.hpp"

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return false;
    }
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::uint8_t> input(bytes.size());  // as long as the input, so that a sanitizer sees its end
    std::copy(bytes.begin(), bytes.end(), input.begin());
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return true;
}

void collect(const fs::path& path, std::vector<fs::path>& files) {
    if (!fs::is_directory(path)) {
        files.push_back(path);
        return;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path());
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i) collect(argv[i], files);
    if (files.empty()) {
        std::fprintf(stderr,
                     "usage: %s FILE_OR_FOLDER...\nReplays inputs; aborts at the first that breaks.\n",
                     argv[0]);
        return 2;
    }
    std::sort(files.begin(), files.end());
    const bool all_read = std::all_of(files.begin(), files.end(), replay);
    if (all_read) std::printf("%zu inputs, nothing broken\n", files.size());
    return all_read ? 0 : 1;
}
