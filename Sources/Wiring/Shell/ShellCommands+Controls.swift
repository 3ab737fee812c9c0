import Hummingbird
import Vocabulary
import Web

extension ShellCommands {
    func addControlCommands(to router: Router<HoldfastContext>) {
    }
}
