// SPDX-License-Identifier: MIT
#include "everything.hpp"

int pages_of_two() { return 2; }
