// SPDX-License-Identifier: MIT
#pragma once

/// The whole core. Needs the standard library and tl::expected, nothing else.

#include "tixian/allowance.hpp"
#include "tixian/apply.hpp"
#include "tixian/channel.hpp"
#include "tixian/gateway.hpp"
#include "tixian/ledger.hpp"
#include "tixian/observer.hpp"
#include "tixian/service.hpp"
#include "tixian/signer.hpp"
#include "tixian/terms.hpp"
