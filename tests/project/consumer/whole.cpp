// Its libraries are what is tried.
int main() {}
