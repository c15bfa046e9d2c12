import BinderyAudio
import Foundation
import Testing

@Suite struct LogMelTests {
    private func decoded(_ json: String) throws -> LogMel {
        try JSONDecoder().decode(LogMel.self, from: Data(json.utf8))
    }

    private let usual = #""rate":32000,"window":2048,"hop":1280,"bins":64,"low":50,"high":14000"#

    @Test(arguments: [LogMel.panns, .msclap2022, .clap, .clapFused, .librosa, .imageBind])
    func survivesEncoding(_ mel: LogMel) throws {
        #expect(try JSONDecoder().decode(LogMel.self, from: JSONEncoder().encode(mel)) == mel)
    }

    @Test func whatIsNotSaidIsAsInPANNs() throws {
        let mel = try decoded("{\(usual)}")
        #expect(mel == LogMel(rate: 32000, window: 2048, hop: 1280, bins: 64, low: 50, high: 14000))
        #expect(mel.transform == 2048 && mel.edges == .reflected && mel.floor == 1e-10)
    }

    @Test func unknownSettingsAreNamed() {
        #expect(throws: LogMelError(problems: ["there is no setting 'n_fft'"])) {
            try decoded("{\(usual),\"n_fft\":512}")
        }
    }

    @Test(arguments: [
        #""rate":0"#, #""rate":4e9"#, #""rate":-1"#, #""window":0"#, #""window":4000000000"#, #""transform":1023"#,
        #""transform":4000000000"#, #""transform":1024"#, #""hop":0"#, #""hop":-5"#, #""hop":9223372036854775807"#,
        #""bins":0"#, #""bins":4000000000"#, #""bins":9223372036854775807"#, #""hop":1"#, #""low":-1"#, #""low":14000"#,
        #""high":32001"#, #""floor":0"#, #""floor":-1"#, #""range":0"#, #""preEmphasis":2"#, #""taper":"square""#,
    ])
    func impossibleSettingsAreRefused(_ setting: String) {
        let key = setting.split(separator: ":")[0]
        let others = usual.split(separator: ",").filter { !$0.hasPrefix(key) }.joined(separator: ",")
        #expect(throws: (any Error).self) { try decoded("{\(others),\(setting)}") }
    }

    @Test func allProblemsAreNamedAtOnce() {
        let mel = LogMel(rate: 1, window: 1, hop: 0, bins: 0, low: 5, high: 2)
        #expect(mel.problems.count >= 5)
        #expect(LogMelError(problems: mel.problems).description.hasPrefix("log-mel settings: a rate of 1.0 Hz"))
    }
}
