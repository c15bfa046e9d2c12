import ArgumentParser

@main
struct BinderyTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bindery", abstract: "Binds senses.")
}
