// ladon-demo: the project's main job, shown. Starts a real ladond in a directory of its own.
//
// Exit codes: 0 all went well; 1 something was lost, doubled, sold to a wrong child, or a scene
// did not go as it should; 2 usage; 4 a scene could not be played (no ladond, no palms, disk).
#ifndef LADON_SERVER_CLIENT_DEMO_CLI_H_
#define LADON_SERVER_CLIENT_DEMO_CLI_H_

namespace ladon::demo {

int RunDemo(int argc, const char* const* argv);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_CLI_H_
