import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jetbrains.kotlin.abi.tools.AbiFilters;
import org.jetbrains.kotlin.abi.tools.AbiTools;

/**
 * Prints what a folder of class files offers to its callers.
 *
 * <p>usage: ApiDump CLASSES EXCLUDED…, where EXCLUDED are names such as {@code dev.patron.ffi.**}
 */
public final class ApiDump {
  public static void main(String[] args) throws Exception {
    List<File> classes;
    try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
      classes = files.filter(file -> file.toString().endsWith(".class")).sorted().map(Path::toFile).toList();
    }
    Set<String> excluded = Set.copyOf(List.of(args).subList(1, args.length));
    AbiFilters filters = new AbiFilters(Set.of(), excluded, Set.of(), Set.of());
    StringBuilder text = new StringBuilder();
    AbiTools.Companion.getInstance(ApiDump.class.getClassLoader()).printJvmDump(text, classes, filters);
    System.out.print(text);
  }

  private ApiDump() {}
}
