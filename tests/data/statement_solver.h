#pragma once

#include "scenes_solver.h"

namespace vqalign::test {

/// Tells from its English text and an image entry of scenes_<split>.json alone whether a statement
/// about boxes holds ("yes" or "no"); shares no code with the generator. Throws std::runtime_error
/// for a sentence it does not know.
Solution solve_statement(const std::string& statement, const Json& image);

}  // namespace vqalign::test
